package dev.postern.license;

import java.util.Locale;

/** What became of a device that was to be added. */
public enum Addition {
    ADDED("It was added."),
    /** The account has it directly. */
    ALREADY_THERE("The account has it already."),
    /** Another account has it directly. */
    HELD_BY_ANOTHER("Another account has this device."),
    TOO_MANY("The account has as many devices as it may have."),
    PROJECT_UNKNOWN("There is no such project."),
    USER_UNKNOWN("There is no such user."),
    PROJECT_FULL("The project has as many devices as it may have."),
    USER_FULL("The user has as many devices as there may be."),
    /** There was none that the first call of a device could take. */
    NO_SEAT("No seat is free."),
    ACCOUNT_GONE("There is no such account."),
    /** An earlier device of the same id is being deleted. */
    BUSY("Others are changing it at the same time.");

    private final String text;

    Addition(String text) {
        this.text = text;
    }

    /** One sentence for a person. */
    public String text() {
        return text;
    }

    /** Its name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
