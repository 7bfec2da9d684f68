package dev.postern.proxy;

/** The client closed the connection or aborted its request: there is nobody to answer. */
final class ClientGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(Throwable cause) {
        super("the client is gone", cause, false, false);
    }

    ClientGoneException(String message) {
        super(message, null, false, false);
    }
}
