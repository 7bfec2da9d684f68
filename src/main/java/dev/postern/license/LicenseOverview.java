package dev.postern.license;

import java.time.LocalDate;
import java.util.Optional;

/**
 * How an account's license stands.
 *
 * @param used    seats that are taken
 * @param waiting devices that belong to the account and have no seat
 * @param fullOn  the day on which the last seat is taken, if it goes on as in the last 30 days; empty when it never is
 */
public record LicenseOverview(License license, long used, long waiting, License.State state,
        Optional<LocalDate> fullOn) {}
