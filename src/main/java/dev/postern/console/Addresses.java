package dev.postern.console;

import java.net.InetSocketAddress;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;

/** The address of a visitor, and whether the visitor uses TLS. */
final class Addresses {
    private static final String ATTRIBUTE = Addresses.class.getName();

    private Addresses() {}

    /** Whether the browser, or the proxy in front of the management port, says that it uses TLS. */
    static boolean isSecure(ServerRequest request) {
        return request.exchange().getRequest().getSslInfo() != null
                || request.headers().header("X-Forwarded-Proto").contains("https");
    }

    /** Remembers the address of the client, which trusted proxies may have reported. */
    static void put(ServerWebExchange exchange, String client) {
        exchange.getAttributes().put(ATTRIBUTE, client);
    }

    /** The address of the client. On the management port: of the browser, or of the proxy in front of the port. */
    static String of(ServerRequest request) {
        return request.attribute(ATTRIBUTE).map(String::valueOf).orElseGet(() -> peer(request));
    }

    private static String peer(ServerRequest request) {
        return request.remoteAddress().map(InetSocketAddress::getAddress).map(address -> address.getHostAddress())
                .orElse("unknown");
    }
}
