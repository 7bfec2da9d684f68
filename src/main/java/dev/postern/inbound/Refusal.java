package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The reason for refusing a request before anything else sees it.
 *
 * @param detail what is wrong with the request, without quoting it
 */
public record Refusal(DenyReason reason, String detail) {
    static Refusal malformed(String detail) {
        return new Refusal(DenyReason.REQUEST_MALFORMED, detail);
    }

    /** The refusal of a request that the codec could not decode. */
    static Refusal undecodable(@Nullable Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException _ -> new Refusal(DenyReason.TARGET_TOO_LONG,
                    DenyReason.TARGET_TOO_LONG.text());
            case TooLongHttpHeaderException _ -> headersTooLarge();
            case TooLongFrameException _ -> headersTooLarge();
            case null, default -> malformed(DenyReason.REQUEST_MALFORMED.text());
        };
    }

    static Refusal headersTooLarge() {
        return new Refusal(DenyReason.HEADERS_TOO_LARGE, DenyReason.HEADERS_TOO_LARGE.text());
    }

    /** The refusal of this request; null for a valid one. */
    public static @Nullable Refusal of(HttpServerRequest request) {
        return request.requestHeaders() instanceof RefusedRequest.Headers headers ? headers.refusal() : null;
    }
}
