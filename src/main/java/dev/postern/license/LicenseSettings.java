package dev.postern.license;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Devices and licenses: {@code postern.license.*}.
 *
 * @param enabled Whether licenses are checked. If it is {@code false}, no call is refused because of a license, and
 *     the gate does not check which account owns a device.
 * @param enrollment What happens to a device that is not registered: {@code strict} refuses its calls, {@code
 *     first-use} registers it with its first call if a seat is free.
 * @param minimumDevices How many devices an account needs before any of its calls is licensed.
 * @param freeSeats How many devices a free license covers.
 * @param freeYears How many years a free license is valid, and by how many it is extended.
 * @param maxDevices How many devices an account may have.
 * @param rememberFor How long a gate remembers that a device is licensed if no change is reported; at most {@code
 *     1m}.
 * @param rememberSize How many licensed devices a gate remembers.
 */
public record LicenseSettings(@DefaultValue("true") boolean enabled, @DefaultValue("strict") Enrollment enrollment,
        @DefaultValue("3") int minimumDevices, @DefaultValue("3") int freeSeats, @DefaultValue("1") int freeYears,
        @DefaultValue("20000000") int maxDevices, @DefaultValue("30s") Duration rememberFor,
        @DefaultValue("100000") int rememberSize) {
    /** The maximum number of seats of a license. */
    public static final int MAX_SEATS = 100_000_000;
    /** The maximum number of years for which a license may be bought. */
    public static final int MAX_YEARS = 100;

    /** How the gate treats a device that is not registered. */
    public enum Enrollment {
        /** Its calls are refused. */
        STRICT,
        /** Its first call registers it, if it gets a seat. */
        FIRST_USE
    }

    /** @throws IllegalArgumentException if a setting is out of its range; the message says which */
    public LicenseSettings {
        requireWithin("minimum-devices", minimumDevices, 0, MAX_SEATS);
        requireWithin("free-seats", freeSeats, 0, MAX_SEATS);
        requireWithin("free-years", freeYears, 1, MAX_YEARS);
        requireWithin("max-devices", maxDevices, 1, MAX_SEATS);
        requireWithin("remember-size", rememberSize, 0, 10_000_000);
        if (rememberFor.isNegative() || rememberFor.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("postern.license.remember-for must be from 0 to 1 minute");
        }
    }

    private static void requireWithin(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("postern.license." + name + " must be from " + least + " to " + most);
        }
    }
}
