package dev.postern.inbound;

import dev.postern.access.DenyReason;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requires that a request to upgrade to WebSocket is a valid handshake (RFC 6455, section 4.2.1). */
final class WebSocketRule implements RequestRule {
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;

    @Override
    public @Nullable Refusal check(HttpRequest request) {
        if (!request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)) {
            return null;
        }
        if (!request.method().equals(HttpMethod.GET)) {
            return invalid("The method of a WebSocket handshake must be GET.");
        }
        if (UpgradeRule.hasBody(request)) {
            return invalid("A WebSocket handshake must not have a body.");
        }
        if (!request.headers().contains(HttpHeaderNames.CONNECTION, "upgrade", true)) {
            return invalid("The WebSocket handshake has no 'Connection: Upgrade'.");
        }
        List<String> versions = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
        if (versions.isEmpty()) {
            return invalid("The WebSocket handshake has no Sec-WebSocket-Version.");
        }
        if (versions.size() > 1 || !versions.getFirst().equals(VERSION)) {
            return new Refusal(DenyReason.WEBSOCKET_VERSION_UNSUPPORTED,
                    DenyReason.WEBSOCKET_VERSION_UNSUPPORTED.text());
        }
        List<String> keys = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        return keys.size() == 1 && isKey(keys.getFirst())
                ? null
                : invalid("The Sec-WebSocket-Key is not 16 bytes in base64.");
    }

    private static Refusal invalid(String detail) {
        return new Refusal(DenyReason.UPGRADE_INVALID, detail);
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}
