package dev.postern.store;

/** The log of changes cannot be followed on this connection, because it leads to the wrong server. */
final class WrongServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongServerException(String message) {
        super(message, null, false, false);
    }
}
