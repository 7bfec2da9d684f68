package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP response for a denial. One body for all kinds of clients.
 *
 * @param status  HTTP status
 * @param headers headers, without Content-Length
 * @param body    problem details (RFC 9457)
 */
public record Denial(int status, Map<String, String> headers, byte[] body) {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern.denied");
    static final String CONTENT_TYPE = "application/problem+json";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CHALLENGE = "Bearer realm=\"postern\"";
    private static final int RETRY_SECONDS = 1;
    private static final int RETRY_JITTER_SECONDS = 3;

    /**
     * The response for a denial, with what the client may know of it. The log says it all.
     *
     * @param decided        as it was decided
     * @param allowedMethods for the header {@code Allow}; empty for none
     */
    public static Denial of(AccessDecision.Denied decided, Set<String> allowedMethods, String requestId) {
        LOG.debug("{} {}: {}", requestId, decided.reason().word(), decided.detail());
        AccessDecision.Denied denied = decided.forClient();
        DenyReason reason = denied.reason();
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
        if (!allowedMethods.isEmpty()) {
            headers.put("Allow", String.join(", ", allowedMethods));
        }
        if (reason.status() == 503) {
            // With jitter, so that clients that were refused together do not retry together.
            headers.put("Retry-After", Integer.toString(
                    RETRY_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS)));
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
        return new Denial(reason.status(), headers, body(denied, requestId));
    }

    private static byte[] body(AccessDecision.Denied denied, String requestId) {
        DenyReason reason = denied.reason();
        ObjectNode json = JSON.createObjectNode();
        json.put("type", "urn:postern:reason:" + reason.word());
        json.put("title", reason.text());
        json.put("status", reason.status());
        json.put("detail", denied.detail());
        json.put("reason", reason.word());
        json.put("code", reason.code());
        json.put("errno", reason.errno());
        json.put("error", reason.prompt());
        json.put("request_id", requestId);
        return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    }
}
