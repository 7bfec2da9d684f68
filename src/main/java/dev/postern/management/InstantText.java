package dev.postern.management;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Parses a time such as 2026-11-22T00:00:00Z, or a day such as 2026-11-22, which means its start in UTC. */
final class InstantText {
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    private InstantText() {}

    static Instant parse(String member, String text) {
        try {
            Instant instant = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
            // Times are stored in milliseconds, and the range of an Instant is far larger.
            if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LATEST)) {
                throw JsonInput.invalid(member + " is not within the years 1970 to 9999");
            }
            return instant;
        } catch (DateTimeException notATime) {
            throw JsonInput.invalid(
                    member + " is neither a time such as 2026-11-22T00:00:00Z nor a day such as 2026-11-22");
        }
    }
}
