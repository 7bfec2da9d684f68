package dev.postern.account;

import java.util.Optional;

/**
 * What stands at a place in Redis.
 *
 * @param text the record; empty where there is none
 */
public record StoredRecord(Optional<String> text) {
    public static final StoredRecord NONE = new StoredRecord(Optional.empty());

    public static StoredRecord of(String text) {
        return new StoredRecord(Optional.of(text));
    }

    /** What the text takes in memory, in bytes: one for each character, or two if one of them is beyond Latin-1. */
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
