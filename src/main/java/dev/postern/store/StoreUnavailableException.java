package dev.postern.store;

/** Redis did not answer in time, or at all. Says nothing about what was asked for. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, Throwable cause) {
        // An outage makes one of these a request; nobody reads their stacks.
        super(message, cause, false, false);
    }

    public StoreUnavailableException(String message) {
        super(message, null, false, false);
    }
}
