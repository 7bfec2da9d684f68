package dev.postern.console;

import java.net.InetSocketAddress;
import org.springframework.web.reactive.function.server.ServerRequest;

/** Where a visitor comes from, and how. */
final class Addresses {
    private Addresses() {}

    /** Whether the browser, or the proxy in front of the management port, says that it uses TLS. */
    static boolean isSecure(ServerRequest request) {
        return request.exchange().getRequest().getSslInfo() != null
                || request.headers().header("X-Forwarded-Proto").contains("https");
    }

    /** The address of the browser, or of the proxy in front of the management port. */
    static String of(ServerRequest request) {
        return request.remoteAddress().map(InetSocketAddress::getAddress).map(address -> address.getHostAddress())
                .orElse("unknown");
    }
}
