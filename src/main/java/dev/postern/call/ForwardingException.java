package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;

/**
 * An allowed call could not be forwarded, for a known reason. The gateway's filters have no other way to report this to
 * the code that forwards the call and writes the denial.
 */
public final class ForwardingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient AccessDecision.Denied denied;

    /** @param detail what went wrong, for the client; never contains a secret */
    public ForwardingException(DenyReason reason, String detail) {
        super(reason.word() + ": " + detail, null, false, false);
        this.denied = new AccessDecision.Denied(reason, detail);
    }

    /** How the call is answered. */
    public AccessDecision.Denied denied() {
        return denied;
    }
}
