package dev.postern.store;

/** Too much work is running or waiting already, for the account or overall. Nothing was done. */
public final class BulkheadFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BulkheadFullException(String message) {
        super(message, null, false, false);
    }
}
