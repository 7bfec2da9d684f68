package dev.postern;

import dev.postern.backend.Backends;
import dev.postern.call.CommonBackend;
import dev.postern.call.ForwardingSettings;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.inbound.ClientAddresses;
import dev.postern.management.OperatorToken;
import dev.postern.store.DataDirectory;
import dev.postern.store.GateIdentity;
import dev.postern.telemetry.BackendMeters;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * The parts that belong to no single package: the clock, the identity of this gate, its catalogue, backends and
 * operator token.
 */
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
    Catalog catalog(PosternProperties properties) {
        return Catalog.compile(properties.apis());
    }

    @Bean
    CommonBackend commonBackend(PosternProperties properties) {
        return new CommonBackend(Optional.ofNullable(properties.backend()).filter(address -> !address.isBlank())
                .map(address -> BackendAddress.parse("postern.backend", address)));
    }

    @Bean
    Backends backends(PosternProperties properties, SslBundles bundles, ReactorResourceFactory eventLoops,
            BackendMeters meters) {
        return new Backends(properties.backends(), properties.forwarding().connections(), bundles,
                eventLoops.getLoopResources(), meters);
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
