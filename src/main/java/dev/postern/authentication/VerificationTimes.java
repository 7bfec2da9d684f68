package dev.postern.authentication;

/** Is told how long each verification took. */
@FunctionalInterface
public interface VerificationTimes {
    /** Forgets the times. */
    VerificationTimes NONE = (_, _) -> {};

    /**
     * A verification has ended, whatever its result.
     *
     * @param kind  what was presented: {@code opaque} (API keys, static tokens, access tokens, ...), {@code rsa_token},
     *              {@code jwt_token} or {@code issued} (a token of an external issuer)
     * @param nanos since it began, including reads of records and waiting for a worker
     */
    void verified(String kind, long nanos);
}
