package dev.postern.account;

/** Too many others changed the same record at the same time. The call can be repeated. */
public final class ConcurrentChangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConcurrentChangeException() {
        super("The record is being changed by others. Try again.", null, false, false);
    }
}
