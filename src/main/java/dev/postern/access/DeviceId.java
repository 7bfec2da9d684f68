package dev.postern.access;

/**
 * A device behind the gate.
 *
 * @param value the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record DeviceId(String value) {
    /** @throws IllegalArgumentException if the text is not a valid ID */
    public DeviceId {
        Ids.require("device", value);
    }

    /** Whether {@link #DeviceId(String)} accepts this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
