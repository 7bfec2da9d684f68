package dev.postern.express;

import dev.postern.catalog.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionLocator;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;
import org.springframework.util.unit.DataSize;
import org.springframework.web.server.WebFilter;

/**
 * What an operator has added to the chain with the settings and beans of Spring. The express lane does not know what
 * these additions do, so if there are any, all calls take the chain.
 */
final class CustomizedChain {
    private static final String GATEWAY = "org.springframework.cloud.gateway.";
    /** What the chain of every gate has. The express lane repeats what these do, or they do nothing to its calls. */
    private static final Set<String> KNOWN = Set.of(
            GATEWAY + "filter.AdaptCachedBodyGlobalFilter",
            GATEWAY + "filter.RemoveCachedBodyFilter",
            GATEWAY + "filter.WeightCalculatorWebFilter",
            GATEWAY + "config.GatewayNoLoadBalancerClientAutoConfiguration$NoLoadBalancerClientFilter",
            GATEWAY + "filter.headers.RemoveForwardedHeadersFilter",
            GATEWAY + "filter.headers.RemoveHopByHopHeadersFilter",
            GATEWAY + "filter.headers.RemoveXForwardedHeadersFilter",
            GATEWAY + "filter.headers.GRPCRequestHeadersFilter",
            GATEWAY + "filter.headers.GRPCResponseHeadersFilter",
            GATEWAY + "filter.headers.TransferEncodingNormalizationHeadersFilter",
            GATEWAY + "route.RouteDefinitionRouteLocator",
            GATEWAY + "route.CachingRouteLocator",
            GATEWAY + "config.PropertiesRouteDefinitionLocator",
            GATEWAY + "route.InMemoryRouteDefinitionRepository",
            GATEWAY + "route.CompositeRouteDefinitionLocator");
    private static final String OURS = "dev.postern.";
    private static final List<Class<?>> TYPES = List.of(WebFilter.class, GlobalFilter.class, HttpHeadersFilter.class,
            RouteLocator.class, RouteDefinitionLocator.class, HttpHandlerDecoratorFactory.class,
            NettyServerCustomizer.class);

    private CustomizedChain() {}

    /** The names of the additions; empty if there are none. */
    static List<String> additions(ListableBeanFactory beans, GatewayProperties gateway, Environment environment) {
        List<String> found = new ArrayList<>();
        TYPES.stream().flatMap(type -> Stream.of(beans.getBeanNamesForType(type)))
                .map(name -> beans.getBean(name).getClass().getName())
                .filter(name -> !name.startsWith(OURS) && !KNOWN.contains(name)).distinct().forEach(found::add);
        if (!gateway.getDefaultFilters().isEmpty()) {
            found.add("default-filters");
        }
        gateway.getRoutes().stream().filter(route -> route.getOrder() <= Catalog.ROUTE_ORDER)
                .map(RouteDefinition::getId)
                .forEach(id -> found.add("the route " + id + ", which comes before the catalogue"));
        if (environment.getProperty("server.compression.enabled", Boolean.class, false)) {
            found.add("server.compression.enabled");
        }
        if (environment.containsProperty("server.netty.max-keep-alive-requests")) {
            found.add("server.netty.max-keep-alive-requests");
        }
        if (!environment.getProperty("spring.webflux.base-path", "").isEmpty()) {
            found.add("spring.webflux.base-path");
        }
        if (Boolean.getBoolean("reactor.netty.http.server.accessLogEnabled")) {
            found.add("reactor.netty.http.server.accessLogEnabled");
        }
        smaller(environment, "server.netty.max-initial-line-length", PlainForm.MAX_TARGET, found);
        smaller(environment, "server.max-http-request-header-size", PlainForm.MAX_HEAD, found);
        return found;
    }

    private static void smaller(Environment environment, String setting, int least, List<String> found) {
        if (environment.getRequiredProperty(setting, DataSize.class).toBytes() < least) {
            found.add(setting);
        }
    }
}
