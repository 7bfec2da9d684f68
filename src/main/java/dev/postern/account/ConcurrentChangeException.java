package dev.postern.account;

/** The change lost too many races against concurrent changes of the same record. The caller can retry. */
public final class ConcurrentChangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConcurrentChangeException() {
        super("The record is being changed concurrently. Try again.", null, false, false);
    }
}
