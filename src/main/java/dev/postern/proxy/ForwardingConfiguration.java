package dev.postern.proxy;

import dev.postern.backend.Backends;
import dev.postern.call.CommonBackend;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.FrontDoor;
import dev.postern.call.GateHeaders;
import dev.postern.call.StreamRights;
import dev.postern.catalog.Catalog;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.GateMeters;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Routes, and the filters that send an allowed call to its backend. */
@Configuration(proxyBeanMethods = false)
class ForwardingConfiguration {
    @Bean
    CatalogRoutes catalogRoutes(Catalog catalog, CommonBackend commonBackend) {
        return new CatalogRoutes(catalog, commonBackend.address());
    }

    @Bean
    CatalogRoutes.PosternCatalogRoutePredicateFactory catalogPredicate(FrontDoor frontDoor, CatalogRoutes routes) {
        return new CatalogRoutes.PosternCatalogRoutePredicateFactory(frontDoor, routes);
    }

    @Bean
    BackendUrlFilter backendUrlFilter() {
        return new BackendUrlFilter();
    }

    @Bean
    BackendHeaders backendHeaders(GateHeaders ours) {
        return new BackendHeaders(ours);
    }

    @Bean
    StreamSlots streamSlots(Backends backends, GateMeters meters) {
        meters.watchStreams(backends::openStreams);
        return new StreamSlots(backends);
    }

    @Bean
    BackendCall backendCall(Backends backends, ObjectProvider<List<HttpHeadersFilter>> headersFilters,
            BackendMeters meters) {
        return new BackendCall(backends, new HeadersFilters(headersFilters), meters);
    }

    @Bean
    ResponseWriter responseWriter(GatewayProperties gateway, ForwardingSettings settings, StreamRights rights) {
        return new ResponseWriter(gateway.getStreamingMediaTypes(), settings.idleTimeout(), rights);
    }
}
