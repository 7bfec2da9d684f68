package dev.postern.jose;

import dev.postern.access.DenyReason;

/** A token is not accepted. Has no stack trace, because clients can cause any number of them. */
public final class RefusedTokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final DenyReason reason;

    /** @param detail what is wrong, for the log; never a part of the token */
    public RefusedTokenException(DenyReason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    public DenyReason reason() {
        return reason;
    }

    /** The fault, for the log. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
