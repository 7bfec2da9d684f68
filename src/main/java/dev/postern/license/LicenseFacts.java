package dev.postern.license;

import dev.postern.access.DeviceId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The stored data about an account's license and the devices of one call, on which the license decision is based.
 *
 * @param license   the license; empty if the account does not exist
 * @param devices   the number of devices that the account owns
 * @param used      the number of seats taken
 * @param standings the state of each device of the call
 */
record LicenseFacts(Optional<License> license, long devices, long used, Map<DeviceId, Standing> standings) {
    LicenseFacts {
        standings = new LinkedHashMap<>(standings);
    }

    /** The state of a device in an account. */
    enum Standing {
        /** The account owns it, and it has a seat. */
        SEATED,
        /** The account owns it, but it has no seat. */
        WAITING,
        /** Another account shares it with this one. */
        SHARED,
        /** The account has no such device. */
        UNKNOWN
    }
}
