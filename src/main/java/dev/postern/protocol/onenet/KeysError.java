package dev.postern.protocol.onenet;

/** The errors of {@code /keys}, other than the reasons for which the gate refuses a credential. */
enum KeysError {
    INVALID_JSON(40010, "invalid JSON"),
    PARAMETER_MISSING(40011, "parameter required"),
    PARAMETER_INVALID(40012, "invalid parameter"),
    MASTER_KEY_REQUIRED(40320, "master key required"),
    TOO_MANY_KEYS(40321, "too many keys"),
    ACCOUNT_FULL(40322, "account full"),
    KEY_NOT_FOUND(40410, "key not found"),
    CALL_UNKNOWN(40411, "no such call"),
    CONCURRENT_CHANGE(40910, "changed by others at the same time"),
    BODY_TOO_LARGE(41310, "body too large"),
    BUSY(50310, "too many calls at the same time");

    private final int errno;
    private final String text;

    KeysError(int errno, String text) {
        this.errno = errno;
        this.text = text;
    }

    int errno() {
        return errno;
    }

    String text() {
        return text;
    }
}
