package dev.postern.call;

import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What all denials for one reason have in common, written once: a flood of made-up credentials should cost little. Of
 * the body, only the detail and the request's ID differ from call to call.
 */
final class DenialTemplate {
    static final String CONTENT_TYPE = "application/problem+json";
    private static final String CHALLENGE = "Bearer realm=\"postern\"";
    private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();
    private static final JsonMapper MAPPER = JsonMapper.shared();
    /** Stands for a text that is filled in later; no text of a reason contains it. */
    private static final String GAP = "\u0000";
    private static final Map<DenyReason, DenialTemplate> ALL = new EnumMap<>(DenyReason.class);

    static {
        for (DenyReason reason : DenyReason.values()) {
            ALL.put(reason, new DenialTemplate(reason));
        }
    }

    private final String usualDetail;
    private final byte[] usualDetailQuoted;
    private final Map<String, String> headers;
    private final byte[] beforeDetail;
    private final byte[] beforeId;
    private final byte[] end;

    private DenialTemplate(DenyReason reason) {
        this.usualDetail = reason.text();
        this.usualDetailQuoted = JSON.quoteAsUTF8(usualDetail);
        this.headers = Collections.unmodifiableMap(headers(reason));
        String[] parts = body(reason).split("\\\\u0000", -1);
        this.beforeDetail = parts[0].getBytes(StandardCharsets.UTF_8);
        this.beforeId = parts[1].getBytes(StandardCharsets.UTF_8);
        this.end = parts[2].getBytes(StandardCharsets.UTF_8);
    }

    static DenialTemplate of(DenyReason reason) {
        return Objects.requireNonNull(ALL.get(reason));
    }

    /** The headers that are the same for all calls; cannot be modified. */
    Map<String, String> headers() {
        return headers;
    }

    /** The problem details of one call (RFC 9457). */
    byte[] body(String detail, String requestId) {
        byte[] quotedDetail = detail.equals(usualDetail) ? usualDetailQuoted : JSON.quoteAsUTF8(detail);
        byte[] quotedId = JSON.quoteAsUTF8(requestId);
        byte[] body = new byte[beforeDetail.length + quotedDetail.length + beforeId.length + quotedId.length
                + end.length];
        int at = 0;
        for (byte[] part : new byte[][]{beforeDetail, quotedDetail, beforeId, quotedId, end}) {
            System.arraycopy(part, 0, body, at, part.length);
            at += part.length;
        }
        return body;
    }

    private static String body(DenyReason reason) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("type", "urn:postern:reason:" + reason.word());
        json.put("title", reason.text());
        json.put("status", reason.status());
        json.put("detail", GAP);
        json.put("reason", reason.word());
        json.put("code", reason.code());
        json.put("errno", reason.errno());
        json.put("error", reason.prompt());
        json.put("request_id", GAP);
        return MAPPER.writeValueAsString(json);
    }

    private static Map<String, String> headers(DenyReason reason) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", CONTENT_TYPE);
        headers.put("Cache-Control", "no-store");
        switch (reason.oauthError()) {
            case NONE -> {
            }
            case BARE -> headers.put("WWW-Authenticate", CHALLENGE);
            case INVALID_REQUEST, INVALID_TOKEN, INSUFFICIENT_SCOPE -> headers.put("WWW-Authenticate",
                    CHALLENGE + ", error=\"" + reason.oauthError().word() + "\", error_description=\""
                            + reason.text() + "\"");
        }
        if (reason == DenyReason.WEBSOCKET_VERSION_UNSUPPORTED) {
            headers.put("Sec-WebSocket-Version", "13");
            headers.put("Upgrade", "websocket");
            headers.put("Connection", "Upgrade");
        }
        if (reason == DenyReason.BODY_TIMEOUT || reason == DenyReason.BODY_TOO_LARGE) {
            // The gate does not wait for the rest of the body.
            headers.put("Connection", "close");
        }
        return headers;
    }
}
