package dev.postern.protocol.juying;

/** The errors of a login, with codes that look like HTTP status codes. */
enum LoginError {
    MALFORMED(400, "the request cannot be read"),
    WRONG_SECRET(401, "wrong appKey or appSecret"),
    ADDRESS_NOT_PERMITTED(403, "the application cannot be used from this address"),
    METHOD_UNKNOWN(405, "the method is not POST"),
    BODY_LATE(408, "the body did not arrive in time"),
    BODY_TOO_LARGE(413, "the body is too large"),
    INTERNAL(500, "the gate failed"),
    STORE_UNAVAILABLE(503, "the store of credentials cannot be reached");

    private final int code;
    private final String message;

    LoginError(int code, String message) {
        this.code = code;
        this.message = message;
    }

    int code() {
        return code;
    }

    String message() {
        return message;
    }
}
