package dev.postern.account;

import java.util.Optional;

/**
 * The content of a location in Redis.
 *
 * @param text the record; empty where there is none
 */
public record StoredRecord(Optional<String> text) {
    public static final StoredRecord NONE = new StoredRecord(Optional.empty());

    public static StoredRecord of(String text) {
        return new StoredRecord(Optional.of(text));
    }

    /** The memory that the text occupies, in bytes: one per character, or two if any character is outside Latin-1. */
    public int bytes() {
        String present = text.orElse("");
        for (int i = 0; i < present.length(); i++) {
            if (present.charAt(i) > 0xff) {
                return 2 * present.length();
            }
        }
        return present.length();
    }
}
