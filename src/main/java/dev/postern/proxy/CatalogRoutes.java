package dev.postern.proxy;

import dev.postern.call.FrontDoor;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import java.net.URI;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/**
 * The gateway's routes for the catalogue: one for the calls of all APIs, in whose place {@link CatalogMapping} puts the
 * route of the API, and a fallback for all other requests, which the access filter refuses with a reason. Routes only
 * choose the backend; they never authorize.
 */
final class CatalogRoutes implements RouteLocator {
    private static final String OURS = "postern";
    /** Never called: the access filter answers first; if it did not, the failure would show this name. */
    static final URI NOWHERE = URI.create("http://backend.invalid:80");

    private final FrontDoor frontDoor;
    private final Route known = route("postern-catalogue", Catalog.ROUTE_ORDER,
            exchange -> reading(exchange) instanceof Reading.Read);
    private final Route unknown = route("postern-none", Integer.MAX_VALUE,
            exchange -> reading(exchange) instanceof Reading.Refused);

    CatalogRoutes(FrontDoor frontDoor) {
        this.frontDoor = frontDoor;
    }

    private static Route route(String id, int order, Predicate<ServerWebExchange> matches) {
        return Route.async().id(id).uri(NOWHERE).order(order).metadata(metadata()).predicate(matches).build();
    }

    private Reading reading(ServerWebExchange exchange) {
        return ExchangeCalls.of(exchange, frontDoor).call().reading();
    }

    static Map<String, Object> metadata() {
        return Map.of(OURS, true);
    }

    static boolean isOurs(Route route) {
        return Boolean.TRUE.equals(route.getMetadata().get(OURS));
    }

    static boolean hasBackend(ServerWebExchange exchange) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        return route == null || !NOWHERE.equals(route.getUri());
    }

    /** The route to take: that of the API if the gateway has found the route for all APIs. */
    Route resolve(Route found, ServerWebExchange exchange) {
        if (!found.equals(known) || !(reading(exchange) instanceof Reading.Read read)) {
            return found;
        }
        Route ofApi = ExchangeCalls.of(exchange, frontDoor).call().routing().route(read.request().api());
        if (ofApi == null) {
            throw new IllegalStateException("an API without a route");
        }
        return ofApi;
    }

    @Override
    public Flux<Route> getRoutes() {
        return Flux.just(known, unknown);
    }
}
