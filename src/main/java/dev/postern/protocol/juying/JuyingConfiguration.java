package dev.postern.protocol.juying;

import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.Applications;
import dev.postern.protocol.DialectMapping;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts {@code /api/v1/user/login-app} on the public port, and nothing else of {@code /api/v1}. */
@Configuration(proxyBeanMethods = false)
public class JuyingConfiguration {
    @Bean
    DialectMapping.Endpoint loginApp(Applications applications, AccessTokens tokens, Clock clock,
            ClientAddresses addresses, UnreadableRecords unreadable) {
        return new LoginAppEndpoint(applications, tokens, clock, addresses, unreadable);
    }
}
