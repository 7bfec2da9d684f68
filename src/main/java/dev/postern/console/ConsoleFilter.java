package dev.postern.console;

import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Serves the console. */
@Order(-1100)
final class ConsoleFilter implements WebFilter {
    static final String ROOT = Site.CONSOLE.root();

    private final Pages pages;

    ConsoleFilter(Pages pages) {
        this.pages = pages;
    }

    /** The routes of all pages. */
    RouterFunction<ServerResponse> routes() {
        return pages.routes();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().pathWithinApplication().value();
        return path.equals("/") || Site.CONSOLE.contains(path) || path.equals(OidcPages.BEGIN)
                || path.startsWith(OidcPages.BEGIN + "/") ? pages.handle(exchange) : chain.filter(exchange);
    }
}
