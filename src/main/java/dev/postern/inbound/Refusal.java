package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Why a request is refused before anything else looks at it.
 *
 * @param detail what is wrong with it, without repeating it
 */
public record Refusal(DenyReason reason, String detail) {
    static Refusal malformed(String detail) {
        return new Refusal(DenyReason.REQUEST_MALFORMED, detail);
    }

    /** What the codec could not read. */
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

    /** The refusal of this request; null for one that is in order. */
    public static @Nullable Refusal of(HttpServerRequest request) {
        return request.requestHeaders() instanceof RefusedRequest.Headers headers ? headers.refusal() : null;
    }
}
