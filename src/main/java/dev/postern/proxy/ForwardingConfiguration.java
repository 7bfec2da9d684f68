package dev.postern.proxy;

import dev.postern.backend.BackendPools;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.FrontDoor;
import dev.postern.call.GateHeaders;
import dev.postern.call.StreamRights;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.GateMeters;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Routes, and the filters that send an allowed call to its backend. */
@Configuration(proxyBeanMethods = false)
class ForwardingConfiguration {
    @Bean
    CatalogRoutes catalogRoutes(FrontDoor frontDoor) {
        return new CatalogRoutes(frontDoor);
    }

    @Bean
    CatalogMapping catalogMapping(CatalogRoutes routes, FilteringWebHandler filters, RouteLocator locator,
            GlobalCorsProperties cors, Environment environment) {
        return new CatalogMapping(routes, filters, locator, cors, environment);
    }

    @Bean
    ChainRoutes chainRoutes(List<GatewayFilterFactory<?>> filters, GatewayProperties gateway,
            ConfigurationService configuration) {
        return new ChainRoutes(filters, gateway, configuration);
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
    StreamSlots streamSlots(BackendPools pools, GateMeters meters) {
        meters.watchStreams(pools::openStreams);
        return new StreamSlots();
    }

    @Bean
    BackendCall backendCall(ObjectProvider<List<HttpHeadersFilter>> headersFilters, BackendMeters meters) {
        return new BackendCall(new HeadersFilters(headersFilters), meters);
    }

    @Bean
    ResponseWriter responseWriter(GatewayProperties gateway, ForwardingSettings settings, StreamRights rights) {
        return new ResponseWriter(gateway.getStreamingMediaTypes(), settings.idleTimeout(), rights);
    }
}
