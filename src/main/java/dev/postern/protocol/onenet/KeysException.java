package dev.postern.protocol.onenet;

/** A call to {@code /keys} that is answered with an error and changes nothing. */
final class KeysException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    KeysException(KeysError error) {
        this(error.errno(), error.text());
    }

    KeysException(KeysError error, String detail) {
        this(error.errno(), error.text() + ": " + detail);
    }

    KeysException(int errno, String text) {
        super(text, null, false, false);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
