package dev.postern.console;

import java.net.InetSocketAddress;
import org.springframework.web.reactive.function.server.ServerRequest;

/** The address of a visitor. */
final class Addresses {
    private Addresses() {}

    /** The address of the browser, or of the proxy in front of the management port. */
    static String of(ServerRequest request) {
        return request.remoteAddress().map(InetSocketAddress::getAddress).map(address -> address.getHostAddress())
                .orElse("unknown");
    }
}
