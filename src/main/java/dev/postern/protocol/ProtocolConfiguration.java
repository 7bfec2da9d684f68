package dev.postern.protocol;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the dialects on the public port. */
@Configuration(proxyBeanMethods = false)
public class ProtocolConfiguration {
    @Bean
    DialectMapping dialects(List<DialectMapping.Endpoint> endpoints) {
        return new DialectMapping(endpoints);
    }
}
