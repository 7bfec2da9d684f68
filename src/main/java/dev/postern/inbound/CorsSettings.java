package dev.postern.inbound;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which web pages may call the gate from a browser (CORS): {@code postern.cors.*}. If no origin is allowed, CORS
 * headers are left to the backends.
 *
 * @param allowedOrigins Origins, such as {@code https://app.example.com}, whose pages may call the gate from a
 *     browser; {@code *} allows any.
 * @param allowedMethods The methods that pages of allowed origins may use.
 * @param allowedHeaders The request headers that pages of allowed origins may send.
 * @param exposedHeaders The response headers that pages of allowed origins may read, such as
 *     {@code X-Postern-Staleness}.
 * @param allowCredentials Whether browsers may send cookies. It cannot be combined with {@code *}.
 * @param maxAge How long browsers may cache the answer to a preflight.
 */
public record CorsSettings(@DefaultValue List<String> allowedOrigins,
        @DefaultValue({
                "GET", "HEAD", "POST", "PUT", "DELETE"}) List<String> allowedMethods,
        @DefaultValue({"Authorization", "api-key", "Content-Type"}) List<String> allowedHeaders,
        @DefaultValue List<String> exposedHeaders, @DefaultValue("false") boolean allowCredentials,
        @DefaultValue("30m") Duration maxAge) {
    /** No page may do anything that the backends do not allow. */
    public static final CorsSettings NONE = new CorsSettings(List.of(), List.of(), List.of(), List.of(), false,
            Duration.ZERO);
    /** The response headers that only the gate sets, in lower case. */
    public static final Set<String> HEADERS = Set.of("access-control-allow-origin", "access-control-allow-credentials",
            "access-control-expose-headers", "access-control-allow-methods", "access-control-allow-headers",
            "access-control-max-age");
    private static final String ANY = "*";
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[a-z0-9.:\\[\\]_-]+");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    public CorsSettings {
        for (String origin : allowedOrigins) {
            if (!origin.equals(ANY) && !ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException("postern.cors.allowed-origins: '" + origin
                        + "' is neither * nor an origin in lower case such as https://app.example.com");
            }
        }
        requireTokens("allowed-methods", allowedMethods);
        requireTokens("allowed-headers", allowedHeaders);
        requireTokens("exposed-headers", exposedHeaders);
        if (allowCredentials && allowedOrigins.contains(ANY)) {
            throw new IllegalArgumentException(
                    "postern.cors.allow-credentials needs origins by name in postern.cors.allowed-origins");
        }
        if (maxAge.isNegative()) {
            throw new IllegalArgumentException("postern.cors.max-age must not be negative");
        }
    }

    private static void requireTokens(String setting, List<String> values) {
        for (String value : values) {
            if (!TOKEN.matcher(value).matches()) {
                throw new IllegalArgumentException("postern.cors." + setting + ": '" + value + "' is not a name");
            }
        }
    }

    /** Whether pages of at least one other origin may call. */
    public boolean isOn() {
        return !allowedOrigins.isEmpty();
    }

    public boolean allowsAny() {
        return allowedOrigins.contains(ANY);
    }

    boolean allows(String origin) {
        return allowsAny() || allowedOrigins.contains(origin);
    }
}
