package dev.postern.credential;

import java.util.Optional;

/**
 * What stands at a place in Redis.
 *
 * @param text the record; empty where there is none
 */
record StoredRecord(Optional<String> text) {
    static final StoredRecord NONE = new StoredRecord(Optional.empty());

    static StoredRecord of(String text) {
        return new StoredRecord(Optional.of(text));
    }
}
