package dev.postern.management;

import dev.postern.management.contract.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.json.JsonMapper;

/** An error of the management API, as problem details (RFC 9457). */
enum Problem implements Refusal {
    REQUEST_MALFORMED(400, "The request cannot be read."),
    FIELD_INVALID(400, "A member or parameter is missing or invalid."),
    OPERATOR_TOKEN_MISSING(401, "The operator token is missing."),
    OPERATOR_TOKEN_WRONG(401, "The operator token is invalid."),
    SIGN_IN_FAILED(401, "The name or password is wrong."),
    ROLE_INSUFFICIENT(403, "The caller's role does not permit the call."),
    NOT_FOUND(404, "The resource does not exist."),
    METHOD_UNKNOWN(405, "This path does not support the method."),
    ALREADY_EXISTS(409, "The resource already exists."),
    CONCURRENT_CHANGE(409, "Other calls changed the resource at the same time."),
    IDEMPOTENCY_IN_PROGRESS(409, "A call with this Idempotency-Key is in progress."),
    IDEMPOTENCY_REPLY_NOT_KEPT(409, "The reply to this Idempotency-Key was not kept."),
    LIMIT_REACHED(409, "A limit is reached."),
    ACCOUNT_FULL(409, "The account's storage is full."),
    NOT_POSSIBLE(409, "The current state does not allow the change."),
    PRECONDITION_FAILED(412, "The resource has changed."),
    BODY_TOO_LARGE(413, "The body is too large."),
    TARGET_TOO_LONG(414, "The request target is too long."),
    CONFIG_INVALID(422, "The settings files are invalid."),
    IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key belongs to another request."),
    UPGRADE_REFUSED(426, "WebSockets are not supported here."),
    TOO_MANY_ATTEMPTS(429, "Too many attempts to sign in failed."),
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

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    byte[] body(String detail) {
        return (JSON.writeValueAsString(JSON.createObjectNode().put("type", "urn:postern:problem:" + word())
                .put("title", title).put("status", status).put("detail", detail).put("reason", word())
                .put("request_id", HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()))) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    Map<String, String> headers() {
        return switch (this) {
            case OPERATOR_TOKEN_MISSING -> Map.of("WWW-Authenticate", "Bearer realm=\"postern-management\"");
            case OPERATOR_TOKEN_WRONG -> Map.of("WWW-Authenticate",
                    "Bearer realm=\"postern-management\", error=\"invalid_token\"");
            case SIGN_IN_FAILED -> Map.of("WWW-Authenticate", "Basic realm=\"postern-management\", charset=\"UTF-8\"");
            case STORE_UNAVAILABLE, BUSY, IDEMPOTENCY_IN_PROGRESS -> Map.of("Retry-After", "2");
            default -> Map.of();
        };
    }
}
