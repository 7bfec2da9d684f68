package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Applies the size limits of the HTTP/1.1 codec to HTTP/2 requests, whose codec would abort without giving a reason.
 */
final class HeadSizeRule implements RequestRule {
    private final int maxTarget;
    private final int maxHeaders;

    HeadSizeRule(int maxTarget, int maxHeaders) {
        this.maxTarget = maxTarget;
        this.maxHeaders = maxHeaders;
    }

    @Override
    public @Nullable Refusal check(HttpRequest request) {
        if (request.uri().length() > maxTarget) {
            return new Refusal(DenyReason.TARGET_TOO_LONG, DenyReason.TARGET_TOO_LONG.text());
        }
        long size = 0;
        Iterator<Map.Entry<CharSequence, CharSequence>> headers = request.headers().iteratorCharSequence();
        while (headers.hasNext()) {
            Map.Entry<CharSequence, CharSequence> header = headers.next();
            size += header.getKey().length() + header.getValue().length();
        }
        return size > maxHeaders ? Refusal.headersTooLarge() : null;
    }
}
