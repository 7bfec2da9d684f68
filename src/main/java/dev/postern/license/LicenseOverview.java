package dev.postern.license;

import java.time.LocalDate;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A summary of an account's license.
 *
 * @param used    the number of seats taken
 * @param waiting the number of devices that the account owns and that have no seat
 * @param fullOn  the day on which the last seat will be taken, at the rate of the last 30 days; empty if never
 * @param byDay   the number of seats taken at the end of each of the last 30 days in UTC, oldest first
 */
public record LicenseOverview(License license, long used, long waiting, License.State state,
        Optional<LocalDate> fullOn, SortedMap<LocalDate, Long> byDay) {}
