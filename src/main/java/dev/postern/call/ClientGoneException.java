package dev.postern.call;

/** The client closed the connection or aborted its request: there is nobody to answer. */
public final class ClientGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClientGoneException(Throwable cause) {
        super("the client is gone", cause, false, false);
    }

    public ClientGoneException(String message) {
        super(message, null, false, false);
    }
}
