package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.security.SecureRandom;

/**
 * Hashes sightings on event loops, without creating objects. The hash is keyed with a random secret of this process:
 * since nobody can predict the hashes, no client can choose colliding IDs that slow down the event loop.
 */
final class SightingHash {
    private final long secret = new SecureRandom().nextLong();

    long of(AccountId account, DeviceId device, long day) {
        return hash(hash(scramble(secret ^ day), account.value()), device.value());
    }

    private static long hash(long before, String id) {
        long hash = scramble(before ^ id.length());
        long word = 0;
        for (int i = 0; i < id.length(); i++) {
            // The characters of IDs have seven bits.
            word = word << 8 | id.charAt(i);
            if (i % Long.BYTES == Long.BYTES - 1) {
                hash = scramble(hash ^ word);
                word = 0;
            }
        }
        return scramble(hash ^ word);
    }

    /** The last step of MurmurHash3: each bit of the result depends on each bit of the number. */
    static long scramble(long number) {
        long mixed = (number ^ (number >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
