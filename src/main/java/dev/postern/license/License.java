package dev.postern.license;

import dev.postern.store.UnreadableRecordException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The license of an account.
 *
 * @param plan    its plan
 * @param seats   the number of devices it covers
 * @param from    when it begins
 * @param until   when it expires, exclusive
 * @param enabled whether the license is enforced for the account
 */
public record License(Plan plan, int seats, Instant from, Instant until, boolean enabled) {
    /** A license is reported as about to expire this long before its end. */
    static final Duration EXPIRING = Duration.ofDays(30);
    private static final Pattern TERMS = Pattern.compile("1\\|(free|paid)\\|(\\d*)\\|(\\d+)\\|(\\d+)\\|([01])");

    /** The kind of a license. */
    public enum Plan {
        /** For a few devices, and for a time that can be extended. */
        FREE,
        /** For the number of devices and years that were bought. */
        PAID;

        /** The name in JSON and records. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The state of a license. */
    public enum State {
        ACTIVE,
        EXPIRING,
        EXPIRED,
        /** The account has fewer devices than its license requires. */
        NOT_AUTHORIZED;

        /** The name in JSON and records. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The license of an account for which none was ever set. */
    static License ofNewAccount(Instant created, LicenseSettings settings) {
        return new License(Plan.FREE, settings.freeSeats(), created, plusYears(created, settings.freeYears()), true);
    }

    /** Adds calendar years, in UTC. */
    static Instant plusYears(Instant start, int years) {
        return start.atOffset(ZoneOffset.UTC).plusYears(years).toInstant();
    }

    boolean isExpired(Instant now) {
        return !now.isBefore(until);
    }

    /** @param devices how many the account has */
    State state(long devices, int minimumDevices, Instant now) {
        if (isExpired(now)) {
            return State.EXPIRED;
        }
        if (devices < minimumDevices) {
            return State.NOT_AUTHORIZED;
        }
        return now.isBefore(until.minus(EXPIRING)) ? State.ACTIVE : State.EXPIRING;
    }

    /** The stored form. It leaves out the seats of a free license, which are always those of the settings. */
    String terms() {
        return String.join("|", "1", plan.word(), plan == Plan.PAID ? Integer.toString(seats) : "",
                Long.toString(from.toEpochMilli()), Long.toString(until.toEpochMilli()), enabled ? "1" : "0");
    }

    /** @param key the Redis key of the terms, for the error message */
    static License read(String key, String terms, LicenseSettings settings) {
        Matcher matcher = TERMS.matcher(terms);
        try {
            if (matcher.matches()) {
                Plan plan = matcher.group(1).equals("paid") ? Plan.PAID : Plan.FREE;
                return new License(plan,
                        plan == Plan.PAID ? Integer.parseInt(matcher.group(2)) : settings.freeSeats(),
                        Instant.ofEpochMilli(Long.parseLong(matcher.group(3))),
                        Instant.ofEpochMilli(Long.parseLong(matcher.group(4))), matcher.group(5).equals("1"));
            }
        } catch (NumberFormatException tooLarge) {
            // Falls through to the complaint.
        }
        throw new UnreadableRecordException("The record " + key + " cannot be read, or is of another version.");
    }
}
