package dev.postern.license;

import dev.postern.access.DeviceId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the store says of an account's license and of the devices of one call.
 *
 * @param license   the license; empty when there is no such account
 * @param devices   how many devices the account has directly
 * @param used      how many seats are taken
 * @param standings how each device of the call stands
 */
record LicenseFacts(Optional<License> license, long devices, long used, Map<DeviceId, Standing> standings) {
    LicenseFacts {
        standings = new LinkedHashMap<>(standings);
    }

    /** How a device stands in an account. */
    enum Standing {
        /** It belongs to the account and has a seat. */
        SEATED,
        /** It belongs to the account and has none. */
        WAITING,
        /** Another account shares it with this one. */
        SHARED,
        /** The account has no such device. */
        UNKNOWN
    }
}
