package dev.postern.access;

/**
 * A data stream of a device.
 *
 * @param value the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record StreamId(String value) {
    /** @throws IllegalArgumentException if the text is not a valid ID */
    public StreamId {
        Ids.require("stream", value);
    }

    /** Whether {@link #StreamId(String)} accepts this text. */
    public static boolean isValid(String text) {
        return Ids.isId(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
