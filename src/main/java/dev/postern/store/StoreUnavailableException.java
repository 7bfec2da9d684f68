package dev.postern.store;

/** Redis did not answer in time, or at all. The state of the requested record is unknown. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreUnavailableException(String message, Throwable cause) {
        // An outage causes one for each request; nobody reads their stack traces.
        super(message, cause, false, false);
    }

    public StoreUnavailableException(String message) {
        super(message, null, false, false);
    }
}
