package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.call.ForwardingException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import reactor.netty.http.server.HttpServerRequest;

/**
 * A valid opening handshake of a client (RFC 6455, section 4.2.1). Read from the original request, because the rebuilt
 * one has the gate's own {@code Connection} header.
 *
 * @param subprotocols the subprotocols that the client offers, in its order
 */
record ClientHandshake(List<String> subprotocols) {
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;

    /** @throws ForwardingException if the handshake is malformed */
    static ClientHandshake read(HttpServerRequest request) {
        HttpHeaders headers = request.requestHeaders();
        require(request.method().equals(HttpMethod.GET), "The method of a WebSocket handshake must be GET.");
        require(request.version().equals(HttpVersion.HTTP_1_1), "A WebSocket handshake needs HTTP/1.1.");
        require(headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true),
                "A WebSocket handshake needs 'Connection: Upgrade' and 'Upgrade: websocket'.");
        require(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION).equals(List.of(VERSION)),
                "The version of the WebSocket handshake is not " + VERSION + ".");
        List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        require(keys.size() == 1 && isKey(keys.getFirst()), "Sec-WebSocket-Key is not 16 bytes in base64.");
        // Bytes after the head of the request are read as frames.
        require(!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                && headers.getAll(HttpHeaderNames.CONTENT_LENGTH).stream().allMatch("0"::equals),
                "A WebSocket handshake must not have a body.");
        return new ClientHandshake(subprotocols(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)));
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static List<String> subprotocols(List<String> values) {
        List<String> offered = new ArrayList<>();
        for (String value : values) {
            for (String subprotocol : value.split(",", -1)) {
                offered.add(subprotocol.strip());
            }
        }
        require(offered.stream().allMatch(ClientHandshake::isToken) && new HashSet<>(offered).size() == offered.size(),
                "Sec-WebSocket-Protocol is not a list of distinct names.");
        return List.copyOf(offered);
    }

    /** RFC 9110, section 5.6.2. */
    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars()
                .allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
    }

    private static void require(boolean valid, String detail) {
        if (!valid) {
            throw new ForwardingException(DenyReason.UPGRADE_INVALID, detail);
        }
    }
}
