package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP response for a denial. One body for all kinds of clients.
 *
 * @param status  HTTP status
 * @param headers headers, without Content-Length
 * @param body    problem details (RFC 9457)
 */
public record Denial(int status, Map<String, String> headers, byte[] body) {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern.denied");
    private static final int UNAVAILABLE = 503;
    private static final int RETRY_SECONDS = 1;
    private static final int RETRY_JITTER_SECONDS = 3;

    /**
     * The response for a denial, with what the client may know of it. The log says it all.
     *
     * @param decided        the denial as decided, perhaps with a reason that the client must not learn
     * @param allowedMethods for the header {@code Allow}; empty for none
     */
    public static Denial of(AccessDecision.Denied decided, Set<String> allowedMethods, String requestId) {
        LOG.debug("{} {}: {}", requestId, decided.reason().word(), decided.detail());
        AccessDecision.Denied denied = decided.forClient();
        DenyReason reason = denied.reason();
        DenialTemplate template = DenialTemplate.of(reason);
        return new Denial(reason.status(), headers(template, reason, allowedMethods),
                template.body(denied.detail(), requestId));
    }

    private static Map<String, String> headers(DenialTemplate template, DenyReason reason, Set<String> allowedMethods) {
        if (allowedMethods.isEmpty() && reason.status() != UNAVAILABLE) {
            return template.headers();
        }
        Map<String, String> headers = new LinkedHashMap<>(template.headers());
        if (!allowedMethods.isEmpty()) {
            headers.put("Allow", String.join(", ", allowedMethods));
        }
        if (reason.status() == UNAVAILABLE) {
            // With jitter, so that clients that were refused together do not retry together.
            headers.put("Retry-After", Integer.toString(
                    RETRY_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_JITTER_SECONDS)));
        }
        return headers;
    }
}
