package dev.postern.protocol.lingju;

import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.Terminals;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts {@code /httpapi/authorize.do} on the public port. */
@Configuration(proxyBeanMethods = false)
public class LingjuConfiguration {
    @Bean
    DialectMapping.Endpoint authorize(Terminals terminals, Clock clock, ClientAddresses addresses,
            UnreadableRecords unreadable, CustomerChanges customers) {
        return new AuthorizeEndpoint(terminals, clock, addresses, unreadable, customers);
    }
}
