package dev.postern;

import dev.postern.call.ForwardingSettings;
import dev.postern.inbound.ClientAddresses;
import dev.postern.management.OperatorToken;
import dev.postern.store.DataDirectory;
import dev.postern.store.GateIdentity;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts that belong to no single package: the clock, the identity of this gate, and its operator token. */
@Configuration(proxyBeanMethods = false)
class GateConfiguration {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    DataDirectory dataDirectory(PosternProperties properties) {
        return new DataDirectory(Path.of(properties.dataDir()));
    }

    @Bean
    GateIdentity gateIdentity(Clock clock) {
        return GateIdentity.of(GateConfiguration.class, clock.instant());
    }

    @Bean
    OperatorToken operatorToken(PosternProperties properties, DataDirectory data) {
        return OperatorToken.load(properties.operatorToken(), data.resolve("operator-token"));
    }

    @Bean
    ClientAddresses clientAddresses(ForwardingSettings settings) {
        return new ClientAddresses(settings.trustedProxies());
    }
}
