package dev.postern.license;

/** What a call does with its devices, as far as the license is concerned. */
public enum DeviceUse {
    /** The call uses the devices. */
    ORDINARY,
    /** The call adds a device, which is allowed even below the minimum number of devices. */
    REGISTERING,
    /** The call deletes the devices, which needs no seat. */
    REMOVING
}
