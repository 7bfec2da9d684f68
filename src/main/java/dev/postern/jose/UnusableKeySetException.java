package dev.postern.jose;

/** The response of an issuer is not a usable key set. */
final class UnusableKeySetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param what is wrong, for the log; never a part of the response */
    UnusableKeySetException(String what) {
        super(what, null, false, false);
    }
}
