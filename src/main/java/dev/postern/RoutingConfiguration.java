package dev.postern;

import dev.postern.backend.BackendPools;
import dev.postern.call.Routing;
import dev.postern.call.RoutingTable;
import dev.postern.call.SampleAddress;
import dev.postern.catalog.Catalog;
import dev.postern.proxy.ChainRoutes;
import dev.postern.telemetry.BackendMeters;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/** The catalogue and the backends, which a reload replaces. */
@Configuration(proxyBeanMethods = false)
class RoutingConfiguration {
    @Bean
    BackendPools backendPools(SslBundles bundles, ReactorResourceFactory eventLoops, BackendMeters meters) {
        return new BackendPools(bundles, eventLoops.getLoopResources(), meters);
    }

    @Bean
    RoutingTables routingTables(PosternProperties properties, BackendPools pools, ChainRoutes chain,
            ObjectProvider<SampleAddress> sample, GatewayProperties gateway) {
        return new RoutingTables(pools, chain, Optional.ofNullable(sample.getIfAvailable()).map(SampleAddress::address),
                gateway.getRoutes().stream().map(RouteDefinition::getUri).filter(RoutingConfiguration::isBackend)
                        .toList(),
                properties.forwarding().idleTimeout());
    }

    private static boolean isBackend(URI uri) {
        return ConfigurationChecks.isHttp(uri) && uri.getHost() != null;
    }

    @Bean
    Routing routing(RoutingTables tables, PosternProperties properties) {
        RoutingTable first = tables.build(tables.inputs(properties));
        tables.use(first);
        return new Routing(first);
    }

    @Bean
    Supplier<Catalog> currentCatalog(Routing routing) {
        return routing::catalog;
    }
}
