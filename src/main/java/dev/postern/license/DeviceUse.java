package dev.postern.license;

/** How a call uses its devices, from the point of view of the license. */
public enum DeviceUse {
    /** The call uses the devices. */
    ORDINARY,
    /** The call adds a device, which is allowed even below the minimum number of devices. */
    REGISTERING,
    /** The call deletes the devices, which needs no seat. */
    REMOVING
}
