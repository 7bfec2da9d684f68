package dev.postern.oidc;

/** The identity provider cannot be reached, or answers something that the gate cannot use. */
public final class ProviderUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param why for the log, without secrets */
    ProviderUnavailableException(String why) {
        super(why, null, false, false);
    }
}
