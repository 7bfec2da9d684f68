package dev.postern.usage;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/**
 * The number of devices of an account that were called. The numbers are estimates, mostly within 1 % of the exact
 * value.
 *
 * @param from          the first day
 * @param to            the last day
 * @param activeDevices the number of different devices called on any of the days
 * @param days          each day
 * @param months        each month that has a day in the range, as a whole
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
