package dev.postern.jose;

/**
 * The gate has no valid keys of an issuer and cannot fetch them now. Has no stack trace, because every token of the
 * issuer causes one meanwhile.
 */
public final class IssuerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IssuerUnavailableException() {
        super("The keys of the token's issuer cannot be fetched.", null, false, false);
    }
}
