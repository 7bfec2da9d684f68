package dev.postern.store;

/** An account has too much under way already, or all of them together have. Nothing was done. */
public final class BulkheadFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BulkheadFullException(String message) {
        super(message, null, false, false);
    }
}
