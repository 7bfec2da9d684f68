package dev.postern.proxy;

import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.core.env.Environment;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The gateway's own mapping of requests to routes, except that a call of the catalogue takes the route of the version
 * of the configuration that it was read with. The gateway would look the route up in a list that is replaced some time
 * after the catalogue.
 */
public final class CatalogMapping extends RoutePredicateHandlerMapping {
    private final CatalogRoutes routes;
    private final FilteringWebHandler filters;

    CatalogMapping(CatalogRoutes routes, FilteringWebHandler filters, RouteLocator locator, GlobalCorsProperties cors,
            Environment environment) {
        super(filters, locator, cors, environment);
        this.routes = routes;
        this.filters = filters;
    }

    @Override
    protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
        return super.lookupRoute(exchange).map(found -> routes.resolve(found, exchange));
    }

    /** Drops what the gateway remembers about the routes of earlier versions. */
    public void forgetRoutes() {
        filters.onApplicationEvent(new RefreshRoutesEvent(this));
    }
}
