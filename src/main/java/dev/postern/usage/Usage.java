package dev.postern.usage;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/**
 * How many devices of an account were active. The numbers are estimates, mostly within 1 % of the true value.
 *
 * @param from          the first day
 * @param to            the last day
 * @param activeDevices how many devices were called on any of the days; each is counted once
 * @param days          the count of each day
 * @param months        the count of each month that contains one of the days, for the whole month
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
