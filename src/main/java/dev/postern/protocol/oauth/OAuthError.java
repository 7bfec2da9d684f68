package dev.postern.protocol.oauth;

/** The errors of {@code /oauth}: the codes of the RFCs, each with the HTTP status that fits the case best. */
enum OAuthError {
    INVALID_REQUEST(400, "invalid_request"),
    METHOD_NOT_ALLOWED(405, "invalid_request"),
    BODY_LATE(408, "invalid_request"),
    BODY_TOO_LARGE(413, "invalid_request"),
    ADDRESS_UNKNOWN(404, "invalid_request"),
    INVALID_CLIENT(401, "invalid_client"),
    UNAUTHORIZED_CLIENT(403, "unauthorized_client"),
    UNSUPPORTED_GRANT_TYPE(400, "unsupported_grant_type"),
    INVALID_SCOPE(400, "invalid_scope"),
    SERVER_ERROR(500, "server_error"),
    TEMPORARILY_UNAVAILABLE(503, "temporarily_unavailable");

    private final int status;
    private final String word;

    OAuthError(int status, String word) {
        this.status = status;
        this.word = word;
    }

    int status() {
        return status;
    }

    String word() {
        return word;
    }
}
