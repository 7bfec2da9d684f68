package dev.postern.inbound;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Requires the path of an HTTP/2 request to be a path, because HTTP/2 has a separate field for the host (RFC 9113,
 * section 8.3.1).
 */
final class OriginFormRule implements RequestRule {
    @Override
    public @Nullable Refusal check(HttpRequest request) {
        if (request.method().equals(HttpMethod.CONNECT)) {
            return Refusal.malformed("CONNECT is not supported.");
        }
        return request.uri().startsWith("/") || request.uri().equals("*")
                ? null
                : Refusal.malformed("The path does not start with a slash.");
    }
}
