package dev.postern.usage;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/**
 * How many devices of an account were called. Estimates, mostly within 1 % of the truth.
 *
 * @param from          the first day
 * @param to            the last day
 * @param activeDevices how many were called on any of the days; a device counts once
 * @param days          each day
 * @param months        each month of which there is a day, as a whole
 */
public record Usage(LocalDate from, LocalDate to, long activeDevices, List<Day> days, List<Month> months) {
    public Usage {
        days = List.copyOf(days);
        months = List.copyOf(months);
    }

    /** A day in UTC. */
    public record Day(LocalDate day, long activeDevices) {}

    /** A month in UTC. */
    public record Month(YearMonth month, long activeDevices) {}
}
