package dev.postern.license;

import java.util.Locale;
import java.util.Optional;

/** The result of adding a device. */
public enum AddDeviceOutcome {
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
    /** An earlier device with the same ID is being deleted. */
    BUSY("The resource is being changed by others.");

    private final String text;

    AddDeviceOutcome(String text) {
        this.text = text;
    }

    /** The outcome that a script reports in its reply; empty when the claim was lost. */
    static Optional<AddDeviceOutcome> ofReply(String word) {
        return switch (word) {
            case "added" -> Optional.of(ADDED);
            case "there" -> Optional.of(ALREADY_THERE);
            case "many" -> Optional.of(TOO_MANY);
            case "no-project" -> Optional.of(PROJECT_UNKNOWN);
            case "no-user" -> Optional.of(USER_UNKNOWN);
            case "full-project" -> Optional.of(PROJECT_FULL);
            case "full-user" -> Optional.of(USER_FULL);
            case "no-seat" -> Optional.of(NO_SEAT);
            case "no-account" -> Optional.of(ACCOUNT_GONE);
            case "ending" -> Optional.of(BUSY);
            case "lost" -> Optional.empty();
            default -> throw new IllegalStateException("the script answered " + word);
        };
    }

    /** One sentence for a person. */
    String text() {
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
