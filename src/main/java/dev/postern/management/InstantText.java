package dev.postern.management;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** A moment such as 2026-11-22T00:00:00Z, or the beginning of a day such as 2026-11-22, in UTC. */
final class InstantText {
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    private InstantText() {}

    static Instant parse(String member, String text) {
        try {
            Instant instant = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
            // Times are stored in milliseconds, which an Instant can be far beyond.
            if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LATEST)) {
                throw JsonInput.invalid(member + " is not within the years 1970 to 9999");
            }
            return instant;
        } catch (DateTimeException notATime) {
            throw JsonInput.invalid(
                    member + " is neither a moment such as 2026-11-22T00:00:00Z nor a day such as 2026-11-22");
        }
    }
}
