package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;

/**
 * A device of an account was called on a day. Sightings of the same device on the same day are equal, so they are
 * written once.
 *
 * @param day  in days since 1970, in UTC
 * @param hash of the other three, from {@link SightingHash}
 */
record Sighting(AccountId account, DeviceId device, long day, long hash) {
    @Override
    public int hashCode() {
        return Long.hashCode(hash);
    }
}
