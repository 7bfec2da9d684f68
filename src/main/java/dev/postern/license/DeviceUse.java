package dev.postern.license;

/** What a call does with its devices, for the license check. */
public enum DeviceUse {
    /** The call uses devices. */
    ORDINARY,
    /** The call adds a device; an account below the minimum number of devices may do that. */
    REGISTERING,
    /** The call deletes devices, for which no seat is needed. */
    REMOVING
}
