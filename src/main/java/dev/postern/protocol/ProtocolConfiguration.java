package dev.postern.protocol;

import dev.postern.audit.AuditLog;
import dev.postern.inbound.ClientAddresses;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the dialects on the public port. */
@Configuration(proxyBeanMethods = false)
public class ProtocolConfiguration {
    @Bean
    CustomerChanges customerChanges(AuditLog audit, ClientAddresses addresses) {
        return new CustomerChanges(audit, addresses);
    }

    @Bean
    DialectMapping dialects(List<DialectMapping.Endpoint> endpoints) {
        return new DialectMapping(endpoints);
    }
}
