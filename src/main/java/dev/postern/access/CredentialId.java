package dev.postern.access;

/**
 * Names a credential in logs and towards the backend; says nothing of its secret.
 *
 * @param value the id, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record CredentialId(String value) {
    /** @throws IllegalArgumentException if the text is outside of the alphabet of ids */
    public CredentialId {
        Ids.require("credential", value);
    }

    /** Whether {@link #CredentialId(String)} would take this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
