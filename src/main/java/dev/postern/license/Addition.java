package dev.postern.license;

import java.util.Locale;

/** The result of adding a device. */
public enum Addition {
    ADDED("The device was added."),
    /** The account already owns it. */
    ALREADY_THERE("The account already has this device."),
    /** Another account owns it. */
    HELD_BY_ANOTHER("Another account has this device."),
    TOO_MANY("The account has reached its device limit."),
    PROJECT_UNKNOWN("There is no such project."),
    USER_UNKNOWN("There is no such user."),
    PROJECT_FULL("The project has reached its device limit."),
    USER_FULL("The user has reached its device limit."),
    /** Without a free seat, the device could not be called. */
    NO_SEAT("No seat is free."),
    ACCOUNT_GONE("There is no such account."),
    /** An earlier device with the same id is being deleted. */
    BUSY("The resource is being changed by others.");

    private final String text;

    Addition(String text) {
        this.text = text;
    }

    /** The result as one sentence. */
    public String text() {
        return text;
    }

    /** The result as one sentence, with the project or user concerned. */
    public String text(NewDevice device) {
        String project = device.project().orElse("");
        String user = device.user().orElse("");
        return switch (this) {
            case PROJECT_UNKNOWN -> "The account has no project " + project + ".";
            case USER_UNKNOWN -> "The account has no user " + user + ".";
            case PROJECT_FULL -> "Project " + project + " has reached its device limit.";
            case USER_FULL -> "User " + user + " has reached its device limit.";
            case ADDED, ALREADY_THERE, HELD_BY_ANOTHER, TOO_MANY, NO_SEAT, ACCOUNT_GONE, BUSY -> text;
        };
    }

    /** Its name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
