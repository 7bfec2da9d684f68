package dev.postern.protocol.juying;

/** A login that is answered with an error. */
final class LoginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final LoginError error;

    LoginException(LoginError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    LoginException(LoginError error, String detail) {
        super(error.message() + ": " + detail, null, false, false);
        this.error = error;
    }

    LoginError error() {
        return error;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
