package dev.postern.credential;

import dev.postern.account.KeyGenerator;
import dev.postern.store.SecretKeys;
import java.util.Optional;

/**
 * Generates and checks the IDs ({@code kid}) of the keys that clients sign or encrypt with. The IDs are not secret, but
 * the gate recognizes its own: the end of an ID is a keyed hash of its beginning, so a made-up ID costs no lookup.
 */
public final class KeyIds {
    private static final int RANDOM_LENGTH = 14;
    private static final int CHECK_LENGTH = 8;
    private static final String PURPOSE = "key-id";

    private final SecretKeys secrets;

    public KeyIds(SecretKeys secrets) {
        this.secrets = secrets;
    }

    /** Reads the system's random source: do not call on an event loop. */
    public String next() {
        // 84 bits are plenty for the number of keys, and a collision is refused when the record is written.
        String random = KeyGenerator.urlSafe(11).substring(0, RANDOM_LENGTH);
        return random + secrets.index(PURPOSE, random).substring(0, CHECK_LENGTH);
    }

    /** The index of the credential that owns the key; empty if the ID was not generated with these secret keys. */
    public Optional<String> index(String keyId) {
        if (keyId.length() != RANDOM_LENGTH + CHECK_LENGTH) {
            return Optional.empty();
        }
        String index = secrets.index(PURPOSE, keyId.substring(0, RANDOM_LENGTH));
        return index.startsWith(keyId.substring(RANDOM_LENGTH)) ? Optional.of(index) : Optional.empty();
    }
}
