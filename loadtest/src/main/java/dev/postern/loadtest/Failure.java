package dev.postern.loadtest;

/** The comparison cannot go on; the message says why. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
