package dev.postern.protocol.oauth;

import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.Applications;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts {@code /oauth} on the public port. */
@Configuration(proxyBeanMethods = false)
public class OAuthConfiguration {
    @Bean
    DialectMapping.Endpoint oauth(Applications applications, AccessTokens tokens, Replication replication,
            ClientAddresses addresses, UnreadableRecords unreadable, CustomerChanges customers) {
        return new OAuthEndpoint(applications, tokens, replication, addresses, unreadable, customers);
    }

    @Bean
    DialectMapping.Endpoint oauthMetadata(OAuthSettings settings) {
        return new MetadataEndpoint(settings);
    }
}
