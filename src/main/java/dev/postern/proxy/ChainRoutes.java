package dev.postern.proxy;

import dev.postern.access.ApiId;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionRouteLocator;
import org.springframework.cloud.gateway.support.ConfigurationService;
import reactor.core.publisher.Flux;

/**
 * Makes the chain's routes for the APIs of a catalogue: one for all APIs with the same backend and without their own
 * filters, and one for each API with filters. The gateway makes them of definitions, as it makes those of the operator.
 */
public final class ChainRoutes {
    private final List<GatewayFilterFactory<?>> filters;
    private final GatewayProperties gateway;
    private final ConfigurationService configuration;

    ChainRoutes(List<GatewayFilterFactory<?>> filters, GatewayProperties gateway, ConfigurationService configuration) {
        this.filters = filters;
        this.gateway = gateway;
        this.configuration = configuration;
    }

    /**
     * @return the route of each API
     * @throws IllegalArgumentException if a filter does not exist, or its arguments are wrong
     */
    public Map<ApiId, Route> of(Catalog catalog) {
        Map<URI, Route> shared = new LinkedHashMap<>();
        Map<ApiId, Route> routes = new LinkedHashMap<>();
        for (Catalog.Api api : catalog.apis()) {
            URI backend = api.backend().map(BackendAddress::uri).orElse(CatalogRoutes.NOWHERE);
            List<FilterDefinition> own = api.backend().isPresent() ? api.definition().filters() : List.of();
            routes.put(api.id(), own.isEmpty()
                    ? shared.computeIfAbsent(backend,
                            address -> route("postern-backend-" + (shared.size() + 1), address, own))
                    : ofApi(api.id(), backend, own));
        }
        return routes;
    }

    private Route ofApi(ApiId api, URI backend, List<FilterDefinition> own) {
        try {
            return route("postern-api-" + api, backend, own);
        } catch (RuntimeException wrong) {
            throw new IllegalArgumentException("postern.apis." + api + ".filters: " + wrong.getMessage(), wrong);
        }
    }

    private Route route(String id, URI uri, List<FilterDefinition> own) {
        RouteDefinition definition = new RouteDefinition();
        definition.setId(id);
        definition.setUri(uri);
        definition.setOrder(Catalog.ROUTE_ORDER);
        definition.setFilters(own);
        definition.setMetadata(CatalogRoutes.metadata());
        Route made = new RouteDefinitionRouteLocator(() -> Flux.just(definition), List.of(), raw(filters), gateway,
                configuration).getRoutes().blockFirst();
        if (made == null) {
            throw new IllegalArgumentException("the gateway cannot make the route");
        }
        return made;
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private static List<GatewayFilterFactory> raw(List<GatewayFilterFactory<?>> filters) {
        return (List) filters;
    }
}
