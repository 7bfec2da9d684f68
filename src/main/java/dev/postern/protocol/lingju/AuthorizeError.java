package dev.postern.protocol.lingju;

/** The errors of an authorization, with the codes of the dialect. */
enum AuthorizeError {
    SYSTEM(-1, "system error"),
    APPKEY_INVALID(6, "appkey invalid"),
    PARAMETER_INVALID(8, "bad parameter"),
    AUTHCODE_INVALID(11, "authcode invalid"),
    AUTHCODE_EXPIRED(13, "trial authcode expired"),
    APPLICATION_RESTRICTED(43, "application restricted"),
    QUOTA_FULL(121, "quota full");

    private final int status;
    private final String description;

    AuthorizeError(int status, String description) {
        this.status = status;
        this.description = description;
    }

    int status() {
        return status;
    }

    String description() {
        return description;
    }
}
