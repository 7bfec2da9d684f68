package dev.postern.access;

import java.util.Locale;

/**
 * Devices that an account put together under a name: a rule may cover them without naming each.
 *
 * @param kind whether it is a project or a user
 * @param id   the id, {@code [A-Za-z0-9._:~-]{1,128}}
 */
public record DeviceGroup(Kind kind, String id) {
    /** What holds devices together. */
    public enum Kind {
        /** A project of the platform. */
        PROJECT,
        /** A user whose devices they are. */
        USER;

        /** The kind as it is written, in lower case. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException if the id is outside of the alphabet of ids */
    public DeviceGroup {
        Ids.require(kind.word(), id);
    }

    /** Whether {@link #DeviceGroup} would take this id. */
    public static boolean isValid(String id) {
        return Ids.isId(id);
    }

    @Override
    public String toString() {
        return kind.word() + " " + id;
    }
}
