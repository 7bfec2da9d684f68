package dev.postern.license;

/** How devices that are added get seats. */
enum Seating {
    /** Each device gets a seat if one is free. */
    IF_FREE("0"),
    /** The devices are added only together, and only if each of them gets a seat. */
    ALL_OR_NONE("1"),
    /** A device is added only if it gets a seat. */
    REQUIRED("r"),
    /** No device gets a seat, even if some are free. */
    NONE("n");

    private final String word;

    Seating(String word) {
        this.word = word;
    }

    /** The name in {@code add-devices.lua}. */
    String word() {
        return word;
    }
}
