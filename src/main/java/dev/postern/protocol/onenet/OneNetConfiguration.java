package dev.postern.protocol.onenet;

import dev.postern.authentication.Authenticator;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.ApiKeys;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.store.AccountWork;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts {@code /keys} on the public port. */
@Configuration(proxyBeanMethods = false)
public class OneNetConfiguration {
    @Bean
    DialectMapping.Endpoint keys(Authenticator authenticator, ApiKeys apiKeys, DeviceTitles titles,
            Replication replication, AccountWork work, OneNetSettings settings,
            ClientAddresses addresses, UnreadableRecords unreadable, CustomerChanges customers) {
        return new KeysEndpoint(authenticator, apiKeys, titles, replication, work, settings, addresses, unreadable,
                customers);
    }
}
