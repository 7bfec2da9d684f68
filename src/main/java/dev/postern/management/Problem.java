package dev.postern.management;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.json.JsonMapper;

/** An error of the management API, as problem details (RFC 9457). */
enum Problem {
    REQUEST_MALFORMED(400, "The request cannot be read."),
    FIELD_INVALID(400, "A field of the request is missing or invalid."),
    OPERATOR_TOKEN_MISSING(401, "The operator token is missing."),
    OPERATOR_TOKEN_WRONG(401, "The operator token is invalid."),
    SIGN_IN_FAILED(401, "Wrong name or password."),
    ROLE_INSUFFICIENT(403, "Not permitted for this role."),
    NOT_FOUND(404, "Not found."),
    METHOD_UNKNOWN(405, "Method not allowed."),
    ALREADY_EXISTS(409, "Already exists."),
    CONCURRENT_CHANGE(409, "The resource is being changed by others."),
    LIMIT_REACHED(409, "Limit reached."),
    ACCOUNT_FULL(409, "The account's storage is full."),
    NOT_POSSIBLE(409, "Not possible in the current state."),
    BODY_TOO_LARGE(413, "The body is too large."),
    TARGET_TOO_LONG(414, "The request target is too long."),
    UPGRADE_REFUSED(426, "WebSockets are not supported here."),
    TOO_MANY_ATTEMPTS(429, "Too many failed attempts."),
    HEADERS_TOO_LARGE(431, "The headers of the request are too large."),
    INTERNAL_ERROR(500, "Internal error in the gate."),
    RECORD_UNREADABLE(500, "A stored record cannot be read."),
    STORE_UNAVAILABLE(503, "The store cannot be reached."),
    BUSY(503, "Too many requests are waiting."),
    HTTP_VERSION_UNSUPPORTED(505, "The HTTP version is not supported.");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final int status;
    private final String title;

    Problem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    byte[] body(String detail) {
        return JSON.writeValueAsBytes(JSON.createObjectNode().put("type", "urn:postern:problem:" + word())
                .put("title", title).put("status", status).put("detail", detail).put("reason", word())
                .put("request_id", HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong())));
    }

    Map<String, String> headers() {
        return switch (this) {
            case OPERATOR_TOKEN_MISSING -> Map.of("WWW-Authenticate", "Bearer realm=\"postern-management\"");
            case OPERATOR_TOKEN_WRONG -> Map.of("WWW-Authenticate",
                    "Bearer realm=\"postern-management\", error=\"invalid_token\"");
            case SIGN_IN_FAILED -> Map.of("WWW-Authenticate", "Basic realm=\"postern-management\", charset=\"UTF-8\"");
            case STORE_UNAVAILABLE, BUSY -> Map.of("Retry-After", "2");
            default -> Map.of();
        };
    }
}
