package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Accepts only HTTP/1.0 and HTTP/1.1, in exactly this spelling (RFC 9112, section 2.3: the name of the protocol is
 * case-sensitive).
 */
final class VersionRule implements RequestRule {
    @Override
    @SuppressWarnings("ReferenceEquality")
    public @Nullable Refusal check(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        // The codec uses these two objects for the exact spelling, and a new object for any other.
        if (version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0) {
            return null;
        }
        return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0)
                ? Refusal.malformed("The protocol name in the request line is not HTTP.")
                : new Refusal(DenyReason.HTTP_VERSION_UNSUPPORTED, DenyReason.HTTP_VERSION_UNSUPPORTED.text());
    }
}
