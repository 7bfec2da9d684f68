package dev.postern.inbound;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** HTTP/2 has the host in a field of its own: the path is a path (RFC 9113, section 8.3.1). */
final class OriginFormRule implements RequestRule {
    @Override
    public @Nullable Refusal check(HttpRequest request) {
        if (request.method().equals(HttpMethod.CONNECT)) {
            return Refusal.malformed("The gate opens no tunnels.");
        }
        return request.uri().startsWith("/") || request.uri().equals("*")
                ? null
                : Refusal.malformed("The path does not start with a slash.");
    }
}
