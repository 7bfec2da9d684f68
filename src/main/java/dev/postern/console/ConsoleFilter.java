package dev.postern.console;

import java.util.Map;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Serves the console. The pages have their own handler: that of the management port would also find the routes of the
 * public port.
 */
@Order(-1100)
final class ConsoleFilter implements WebFilter {
    static final String ROOT = "/console";

    private static final Map<String, String> HEADERS = Map.of("Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options", "nosniff", "X-Frame-Options", "DENY", "Referrer-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin", "Cross-Origin-Resource-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private final RouterFunction<ServerResponse> routes;
    private final WebHandler pages;

    ConsoleFilter(RouterFunction<ServerResponse> pages, ConsoleErrors errors) {
        this.routes = pages;
        this.pages = RouterFunctions.toWebHandler(
                pages.andRoute(RequestPredicates.all(), errors::notFound).filter(errors));
    }

    /** The routes of all pages. */
    RouterFunction<ServerResponse> routes() {
        return routes;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().pathWithinApplication().value();
        if (!path.equals("/") && !path.equals(ROOT) && !path.startsWith(ROOT + "/")
                && !path.equals(OidcPages.BEGIN) && !path.startsWith(OidcPages.BEGIN + "/")) {
            return chain.filter(exchange);
        }
        HttpHeaders headers = exchange.getResponse().getHeaders();
        HEADERS.forEach(headers::set);
        return pages.handle(exchange);
    }
}
