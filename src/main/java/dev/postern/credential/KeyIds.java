package dev.postern.credential;

import dev.postern.account.KeyGenerator;
import dev.postern.store.SecretKeys;
import java.util.Optional;

/**
 * Ids of the keys that clients sign or encrypt with ({@code kid}). They are no secrets, but the gate knows its own: the end of
 * an id is a keyed hash of its beginning, so that an id that was made up costs no lookup.
 */
public final class KeyIds {
    private static final int RANDOM_LENGTH = 14;
    private static final int CHECK_LENGTH = 8;
    private static final String PURPOSE = "key-id";

    private final SecretKeys secrets;

    public KeyIds(SecretKeys secrets) {
        this.secrets = secrets;
    }

    /** Reads the system's source of chance: not for an event loop. */
    public String next() {
        // 84 bits: many more than there will ever be keys, and a clash is refused when the record is written.
        String random = KeyGenerator.urlSafe(11).substring(0, RANDOM_LENGTH);
        return random + secrets.index(PURPOSE, random).substring(0, CHECK_LENGTH);
    }

    /** The index of the credential whose key it is; empty when the id was not made here. */
    public Optional<String> index(String keyId) {
        if (keyId.length() != RANDOM_LENGTH + CHECK_LENGTH) {
            return Optional.empty();
        }
        String index = secrets.index(PURPOSE, keyId.substring(0, RANDOM_LENGTH));
        return index.startsWith(keyId.substring(RANDOM_LENGTH)) ? Optional.of(index) : Optional.empty();
    }
}
