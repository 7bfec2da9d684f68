package dev.postern.account;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The location of a record in Redis.
 *
 * @param key   the key
 * @param field the field of the hash under the key; empty when the key holds the record itself
 */
public record RecordRef(String key, Optional<String> field) {
    /** Written out, because the gate compares locations several times for each call, and this is faster. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordRef(var otherKey, var otherField) && key.equals(otherKey)
                && field.equals(otherField);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + field.hashCode();
    }

    public static RecordRef key(String key) {
        return new RecordRef(key, Optional.empty());
    }

    public static RecordRef field(String key, String field) {
        return new RecordRef(key, Optional.of(field));
    }
}
