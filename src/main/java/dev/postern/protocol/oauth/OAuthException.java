package dev.postern.protocol.oauth;

/** A call to {@code /oauth} that is answered with an error. */
final class OAuthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final OAuthError error;
    private final boolean challenge;

    /** @param description for people; ASCII without quotes and backslashes, as RFC 6749 requires */
    OAuthException(OAuthError error, String description) {
        this(error, description, false);
    }

    private OAuthException(OAuthError error, String description, boolean challenge) {
        super(description, null, false, false);
        this.error = error;
        this.challenge = challenge;
    }

    static OAuthException invalidRequest(String description) {
        return new OAuthException(OAuthError.INVALID_REQUEST, description);
    }

    /** @param inHeader whether the client used the header; then the reply has a challenge */
    static OAuthException invalidClient(boolean inHeader, String description) {
        return new OAuthException(OAuthError.INVALID_CLIENT, description, inHeader);
    }

    OAuthError error() {
        return error;
    }

    String description() {
        return String.valueOf(getMessage());
    }

    boolean hasChallenge() {
        return challenge;
    }
}
