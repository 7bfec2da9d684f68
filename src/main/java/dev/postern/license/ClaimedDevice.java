package dev.postern.license;

import dev.postern.access.DeviceId;

/**
 * A device that an account has claimed, but that is not written into the account yet.
 *
 * @param claim identifies the claim to the script that writes the device
 */
record ClaimedDevice(NewDevice device, String claim) {
    DeviceId id() {
        return device.id();
    }
}
