package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;

/**
 * An allowed call could not be forwarded, for a known reason. The gateway's filters have no other way to report this to
 * the {@link Forwarder}, which writes the denial.
 */
public final class ForwardingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient AccessDecision.Denied denied;

    /** @param detail what went wrong, for the client; never contains a secret */
    public ForwardingException(DenyReason reason, String detail) {
        super(reason.word() + ": " + detail, null, false, false);
        this.denied = new AccessDecision.Denied(reason, detail);
    }

    AccessDecision.Denied denied() {
        return denied;
    }
}
