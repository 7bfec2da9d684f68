package dev.postern.store;

/** The log of changes cannot be followed here, because the connection leads to another server than the one to be asked. */
final class WrongServerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongServerException(String message) {
        super(message, null, false, false);
    }
}
