package dev.postern.jose;

/** An issuer answered with what is no key set. */
final class UnusableKeySetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param what is wrong, for the log; never a part of the answer */
    UnusableKeySetException(String what) {
        super(what, null, false, false);
    }
}
