package dev.postern.console;

import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * All pages of a site. They have their own handler: that of the management port would also find the routes of the
 * public port.
 */
final class Pages {
    private static final Map<String, String> HEADERS = Map.of("Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options", "nosniff", "X-Frame-Options", "DENY", "Referrer-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin", "Cross-Origin-Resource-Policy", "same-origin",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

    private final RouterFunction<ServerResponse> routes;
    private final WebHandler handler;

    Pages(RouterFunction<ServerResponse> routes, Templates templates) {
        ConsoleErrors errors = new ConsoleErrors(templates);
        this.routes = routes;
        this.handler = RouterFunctions.toWebHandler(
                routes.andRoute(RequestPredicates.all(), errors::notFound).filter(errors));
    }

    RouterFunction<ServerResponse> routes() {
        return routes;
    }

    Mono<Void> handle(ServerWebExchange exchange) {
        addHeaders(exchange);
        return handler.handle(exchange);
    }

    /** Adds the headers that browsers obey, whatever the answer is. */
    static void addHeaders(ServerWebExchange exchange) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        HEADERS.forEach(headers::set);
    }
}
