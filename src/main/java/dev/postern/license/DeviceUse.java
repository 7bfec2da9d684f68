package dev.postern.license;

/** What a call does with its devices, as far as licenses go. */
public enum DeviceUse {
    /** It uses them. */
    ORDINARY,
    /** It adds a device: an account with too few may. */
    REGISTERING,
    /** It deletes them: none needs a seat for that. */
    REMOVING
}
