package dev.postern.access;

/**
 * The customer who owns keys, devices and a license.
 *
 * @param value the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record AccountId(String value) {
    /** @throws IllegalArgumentException if the text is not a valid ID */
    public AccountId {
        Ids.require("account", value);
    }

    /** Whether {@link #AccountId(String)} accepts this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
