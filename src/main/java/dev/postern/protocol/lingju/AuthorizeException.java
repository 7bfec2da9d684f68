package dev.postern.protocol.lingju;

/** An authorization that is answered with an error. */
final class AuthorizeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final AuthorizeError error;

    AuthorizeException(AuthorizeError error) {
        super(error.description(), null, false, false);
        this.error = error;
    }

    AuthorizeException(AuthorizeError error, String detail) {
        super(error.description() + ": " + detail, null, false, false);
        this.error = error;
    }

    AuthorizeError error() {
        return error;
    }

    String description() {
        return String.valueOf(getMessage());
    }
}
