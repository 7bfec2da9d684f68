package dev.postern.account;

import java.util.Optional;

/**
 * The location of a record in Redis.
 *
 * @param key   the key
 * @param field the field of the hash under the key; empty when the key holds the record itself
 */
public record RecordRef(String key, Optional<String> field) {
    public static RecordRef key(String key) {
        return new RecordRef(key, Optional.empty());
    }

    public static RecordRef field(String key, String field) {
        return new RecordRef(key, Optional.of(field));
    }
}
