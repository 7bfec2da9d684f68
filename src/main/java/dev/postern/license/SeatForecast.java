package dev.postern.license;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/** Foretells when a license runs full. */
final class SeatForecast {
    /** The days on which the rate rests. */
    private static final int DAYS = 30;
    private static final long FARTHEST = 100L * 366;

    private SeatForecast() {}

    /**
     * @param free    seats that are free
     * @param byDay   seats taken less seats lost, by day since 1970
     * @param since   the day from which on the account has a license; a younger one has a rate of fewer days
     * @return the day on which the last free seat is taken; empty when there is no telling
     */
    static Optional<LocalDate> fullOn(long free, Map<Long, Long> byDay, LocalDate since, LocalDate today) {
        if (free <= 0) {
            return Optional.of(today);
        }
        long first = today.toEpochDay() - DAYS + 1;
        long taken = byDay.entrySet().stream()
                .filter(day -> day.getKey() >= first && day.getKey() <= today.toEpochDay())
                .mapToLong(Map.Entry::getValue).sum();
        if (taken <= 0) {
            return Optional.empty();
        }
        long days = Math.clamp(today.toEpochDay() - since.toEpochDay() + 1, 1, DAYS);
        // The day on which free seats of the rate taken/days are used up, rounded up.
        long left = Math.ceilDiv(Math.multiplyExact(free, days), taken);
        return left > FARTHEST ? Optional.empty() : Optional.of(today.plusDays(left));
    }
}
