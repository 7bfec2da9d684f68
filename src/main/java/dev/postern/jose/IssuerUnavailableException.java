package dev.postern.jose;

/** An issuer has no keys that count, and they cannot be fetched now. Has no stack: each token meanwhile causes one. */
public final class IssuerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IssuerUnavailableException() {
        super("The keys of the token's issuer cannot be fetched.", null, false, false);
    }
}
