package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.catalog.ContentTypes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which bodies the gate searches for IDs.
 *
 * @param maxBytes the maximum size of a body
 */
public record ReadableBodies(long maxBytes) {
    private static final String CONTENT_ENCODING = "Content-Encoding";
    private static final String CONTENT_TYPE = "Content-Type";

    /**
     * Why a body with this head is not read: the backend might read something else in it than the gate, or it is too
     * large.
     *
     * @param headers returns the values of a header by its case-insensitive name; null or empty if there are none
     * @param length  the size of the body in bytes, negative if it is unknown
     */
    public Optional<AccessDecision.Denied> refuse(Function<String, ? extends @Nullable List<String>> headers,
            long length) {
        return whyUnreadable(headers).map(why -> new AccessDecision.Denied(DenyReason.BODY_UNREADABLE, why))
                .or(() -> length > maxBytes ? Optional.of(tooLarge()) : Optional.empty());
    }

    private static Optional<String> whyUnreadable(Function<String, ? extends @Nullable List<String>> headers) {
        for (String encoding : values(headers, CONTENT_ENCODING)) {
            if (!encoding.equalsIgnoreCase("identity")) {
                return Optional.of("The gate cannot read IDs in a body with a Content-Encoding. Send it without one.");
            }
        }
        return ContentTypes.whyUnreadable(values(headers, CONTENT_TYPE));
    }

    private static List<String> values(Function<String, ? extends @Nullable List<String>> headers, String name) {
        List<String> values = headers.apply(name);
        return values == null ? List.of() : values;
    }

    /** @param limit the longest wait for a body */
    public static AccessDecision.Denied tooLate(Duration limit) {
        return new AccessDecision.Denied(DenyReason.BODY_TIMEOUT,
                "The body did not arrive within " + limit.toMillis() + " ms.");
    }

    public AccessDecision.Denied tooLarge() {
        return new AccessDecision.Denied(DenyReason.BODY_TOO_LARGE,
                "The permissions of this credential depend on IDs in"
                        + " the body, and the gate reads only bodies of up to " + maxBytes + " bytes.");
    }
}
