package dev.postern.proxy;

import dev.postern.access.ApiId;
import dev.postern.call.FrontDoor;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/**
 * The gateway's routes for the catalogue: one for all APIs with the same backend and without their own filters, one for
 * each API with filters, and a fallback for all other requests, which the access filter refuses with a reason. Routes
 * only choose the backend; they never authorize.
 */
final class CatalogRoutes implements RouteDefinitionLocator {
    private static final String OURS = "postern";
    private static final String PREDICATE = "PosternCatalog";
    private static final String NO_ROUTE = "postern-none";
    private static final String NO_BACKEND = "postern-no-backend";
    /** Never called: the access filter answers first; if it did not, the failure would show this name. */
    private static final URI NOWHERE = URI.create("http://backend.invalid:80");

    private final Map<ApiId, String> routeOfApi = new LinkedHashMap<>();
    private final List<RouteDefinition> definitions = new ArrayList<>();

    CatalogRoutes(Catalog catalog, Optional<BackendAddress> commonBackend) {
        Map<BackendAddress, String> shared = new LinkedHashMap<>();
        for (Catalog.Api api : catalog.apis()) {
            Optional<BackendAddress> backend = api.backend().or(() -> commonBackend);
            if (backend.isEmpty()) {
                if (!routeOfApi.containsValue(NO_BACKEND)) {
                    definitions.add(definition(NO_BACKEND, NOWHERE, List.of(), Catalog.ROUTE_ORDER));
                }
                routeOfApi.put(api.id(), NO_BACKEND);
            } else if (api.definition().filters().isEmpty()) {
                routeOfApi.put(api.id(), shared.computeIfAbsent(backend.get(), address -> {
                    String id = "postern-backend-" + (shared.size() + 1);
                    definitions.add(definition(id, address.uri(), List.of(), Catalog.ROUTE_ORDER));
                    return id;
                }));
            } else {
                String id = "postern-api-" + api.id();
                definitions.add(definition(id, backend.get().uri(), api.definition().filters(), Catalog.ROUTE_ORDER));
                routeOfApi.put(api.id(), id);
            }
        }
        definitions.add(definition(NO_ROUTE, NOWHERE, List.of(), Integer.MAX_VALUE));
    }

    private static RouteDefinition definition(String id, URI uri, List<FilterDefinition> filters, int order) {
        RouteDefinition definition = new RouteDefinition();
        definition.setId(id);
        definition.setUri(uri);
        definition.setOrder(order);
        definition.setFilters(filters);
        definition.setMetadata(Map.of(OURS, true));
        definition.setPredicates(List.of(new PredicateDefinition(PREDICATE + "=" + id)));
        return definition;
    }

    static boolean isOurs(Route route) {
        return Boolean.TRUE.equals(route.getMetadata().get(OURS));
    }

    static boolean hasBackend(ServerWebExchange exchange) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        return route == null || !NOWHERE.equals(route.getUri());
    }

    boolean takes(String route, Reading reading) {
        return switch (reading) {
            case Reading.Read read -> route.equals(routeOfApi.get(read.request().api()));
            case Reading.Refused _ -> route.equals(NO_ROUTE);
        };
    }

    @Override
    public Flux<RouteDefinition> getRouteDefinitions() {
        return Flux.fromIterable(definitions);
    }

    /** Matches when the catalogue has chosen this route for the request. */
    static final class PosternCatalogRoutePredicateFactory
            extends
                AbstractRoutePredicateFactory<PosternCatalogRoutePredicateFactory.Config> {
        private final FrontDoor frontDoor;
        private final CatalogRoutes routes;

        PosternCatalogRoutePredicateFactory(FrontDoor frontDoor, CatalogRoutes routes) {
            super(Config.class);
            this.frontDoor = frontDoor;
            this.routes = routes;
        }

        /** Contains the ID of the route. */
        public static final class Config {
            private String route = "";

            public String getRoute() {
                return route;
            }

            public void setRoute(String route) {
                this.route = route;
            }
        }

        @Override
        public List<String> shortcutFieldOrder() {
            return List.of("route");
        }

        @Override
        public Predicate<ServerWebExchange> apply(Config config) {
            return exchange -> routes.takes(config.getRoute(), ExchangeCalls.of(exchange, frontDoor).call().reading());
        }
    }
}
