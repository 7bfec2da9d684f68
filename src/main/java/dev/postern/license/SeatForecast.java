package dev.postern.license;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Predicts when the last seat of a license will be taken. */
final class SeatForecast {
    /** The number of days from which the rate is computed. */
    private static final int DAYS = 30;
    private static final long FARTHEST = 100L * 366;

    private SeatForecast() {}

    /**
     * @param free    the number of free seats
     * @param byDay   seats taken minus seats lost, by day since 1970
     * @param since   the day on which the license began; for a young license, the rate is computed from fewer days
     * @return the day on which the last free seat is taken; empty if it cannot be predicted
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
        // The number of days until the free seats are used up at the rate taken/days, rounded up.
        long left = Math.ceilDiv(Math.multiplyExact(free, days), taken);
        return left > FARTHEST ? Optional.empty() : Optional.of(today.plusDays(left));
    }

    /**
     * The number of seats taken at the end of each day from which the rate is computed.
     *
     * @param used  the number of seats taken now
     * @param byDay seats taken minus seats lost, by day since 1970
     */
    static SortedMap<LocalDate, Long> history(long used, Map<Long, Long> byDay, LocalDate today) {
        SortedMap<LocalDate, Long> history = new TreeMap<>();
        long then = used;
        for (int ago = 0; ago < DAYS; ago++) {
            LocalDate day = today.minusDays(ago);
            history.put(day, Math.max(0, then));
            then -= byDay.getOrDefault(day.toEpochDay(), 0L);
        }
        return history;
    }
}
