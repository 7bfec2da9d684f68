package dev.postern.license;

/** How a call uses its devices, from the point of view of the license. */
public enum DeviceUse {
    /** The call uses the devices. */
    ORDINARY,
    /** The call has used the devices for a while. It registers none. */
    CONTINUING,
    /** The call adds a device, which is allowed even below the minimum number of devices. */
    REGISTERING,
    /** The call deletes the devices, which needs no seat. */
    REMOVING;

    /** Whether the call uses its devices, and does not change which devices there are. */
    boolean isUse() {
        return this == ORDINARY || this == CONTINUING;
    }
}
