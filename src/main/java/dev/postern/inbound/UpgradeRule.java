package dev.postern.inbound;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Removes upgrade offers that the gate does not accept: in HTTP/1.0, where they have no meaning (RFC 9110, section
 * 7.8); for protocols that the gate does not support; and for HTTP/2 in a request with a body. To upgrade with a body,
 * the server would have to hold the whole body in memory, and refuses the request instead; but some HTTP clients offer
 * HTTP/2 with every request.
 */
final class UpgradeRule implements RequestRule {
    private static final String SETTINGS = "HTTP2-Settings";

    @Override
    public @Nullable Refusal check(HttpRequest request) {
        if (request.headers().contains(HttpHeaderNames.UPGRADE) && !isTakenUp(request)) {
            request.headers().remove(HttpHeaderNames.UPGRADE);
            request.headers().remove(SETTINGS);
        }
        return null;
    }

    private static boolean isTakenUp(HttpRequest request) {
        return !request.protocolVersion().equals(HttpVersion.HTTP_1_0)
                && (request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)
                        || (request.headers().contains(HttpHeaderNames.UPGRADE, "h2c", true) && !hasBody(request)));
    }

    static boolean hasBody(HttpRequest request) {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    }
}
