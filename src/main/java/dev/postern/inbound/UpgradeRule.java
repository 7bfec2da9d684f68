package dev.postern.inbound;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Takes away offers of another protocol that are not taken up: over HTTP/1.0, where they mean nothing (RFC 9110, section
 * 7.8); of protocols that the gate does not speak; and of HTTP/2 with a request that has a body. To change the protocol the
 * body would have to be held whole, and the server refuses that: some HTTP clients offer HTTP/2 with everything they send.
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
