package dev.postern.access;

import java.util.Locale;

/**
 * A group of devices in an account; a rule may cover the group without naming each device.
 *
 * @param kind project or user
 * @param id   the ID, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record DeviceGroup(Kind kind, String id) {
    /** The kinds of group. */
    public enum Kind {
        /** A project of the platform. */
        PROJECT,
        /** A user, with the devices that belong to the user. */
        USER;

        /** The name of the kind in lower case. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException if the ID is not valid */
    public DeviceGroup {
        Ids.require(kind.word(), id);
    }

    /** Whether {@link #DeviceGroup} accepts this ID. */
    public static boolean isValid(String id) {
        return Ids.isId(id);
    }

    @Override
    public String toString() {
        return kind.word() + " " + id;
    }
}
