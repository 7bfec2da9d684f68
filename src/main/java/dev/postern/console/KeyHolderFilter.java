package dev.postern.console;

import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Serves the key holder's page on the management port. {@link PublicPages} serves it on the public port. */
@Order(-1100)
final class KeyHolderFilter implements WebFilter {
    private final Pages pages;

    KeyHolderFilter(Pages pages) {
        this.pages = pages;
    }

    /** The routes of all pages. */
    RouterFunction<ServerResponse> routes() {
        return pages.routes();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return Site.KEY_HOLDER.contains(exchange.getRequest().getPath().pathWithinApplication().value())
                ? pages.handle(exchange)
                : chain.filter(exchange);
    }
}
