package dev.postern;

import dev.postern.access.RequestTarget;
import dev.postern.console.PublicPages;
import dev.postern.inbound.ClientAddresses;
import dev.postern.protocol.DialectMapping;
import java.net.InetAddress;
import java.util.List;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Passes requests on the public port to the key holder's page. Nothing is forwarded to a backend. */
final class KeyHolderEndpoint implements DialectMapping.Endpoint {
    private final boolean on;
    private final PublicPages pages;
    private final ClientAddresses addresses;

    /** @param on whether the page is on the public port */
    KeyHolderEndpoint(boolean on, PublicPages pages, ClientAddresses addresses) {
        this.on = on;
        this.pages = pages;
        this.addresses = addresses;
    }

    @Override
    public String firstSegment() {
        return PublicPages.firstSegment();
    }

    @Override
    public boolean isAt(List<String> segments) {
        return on;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, RequestTarget target) {
        ServerHttpRequest request = exchange.getRequest();
        InetAddress address = addresses.of(request.getRemoteAddress(), request.getHeaders()::get);
        return pages.handle(exchange, address == null ? "unknown" : address.getHostAddress());
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return pages.refuse(exchange);
    }
}
