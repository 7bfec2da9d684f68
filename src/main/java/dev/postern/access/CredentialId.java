package dev.postern.access;

/**
 * Identifies a credential in logs and to the backend without revealing its secret.
 *
 * @param value the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record CredentialId(String value) {
    /** @throws IllegalArgumentException if the text is not a valid ID */
    public CredentialId {
        Ids.require("credential", value);
    }

    /** Whether {@link #CredentialId(String)} accepts this text. */
    static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
