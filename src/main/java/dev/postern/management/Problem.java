package dev.postern.management;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.json.JsonMapper;

/** A complaint of the management API, as problem details (RFC 9457). */
enum Problem {
    REQUEST_MALFORMED(400, "The request cannot be read."),
    FIELD_INVALID(400, "A field of the request is missing or wrong."),
    OPERATOR_TOKEN_MISSING(401, "The operator token is missing."),
    OPERATOR_TOKEN_WRONG(401, "The operator token is wrong."),
    NOT_FOUND(404, "There is no such thing."),
    METHOD_UNKNOWN(405, "There is no such method here."),
    ALREADY_EXISTS(409, "It exists already."),
    CONCURRENT_CHANGE(409, "Others are changing it at the same time."),
    LIMIT_REACHED(409, "There are as many as there may be."),
    ACCOUNT_FULL(409, "The account stores as much as it may."),
    NOT_POSSIBLE(409, "It cannot be done as things stand."),
    BODY_TOO_LARGE(413, "The body is too large."),
    TARGET_TOO_LONG(414, "The request target is too long."),
    UPGRADE_REFUSED(426, "There are no WebSockets here."),
    HEADERS_TOO_LARGE(431, "The headers of the request are too large."),
    INTERNAL_ERROR(500, "The gate failed."),
    RECORD_UNREADABLE(500, "A stored record cannot be read."),
    STORE_UNAVAILABLE(503, "The store cannot be reached."),
    BUSY(503, "Too much is waiting to be done."),
    HTTP_VERSION_UNSUPPORTED(505, "The version of HTTP is not supported.");

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
            case STORE_UNAVAILABLE, BUSY -> Map.of("Retry-After", "2");
            default -> Map.of();
        };
    }
}
