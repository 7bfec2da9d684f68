package dev.postern.license;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.store.UnreadableRecordException;
import dev.postern.support.OwnsItsGate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OwnsItsGate
class LicenseTest {
    private static final String KEY = "postern:{acme}:license";
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void isReadAsItWasStored() {
        License paid = new License(License.Plan.PAID, 500, START, START.plusSeconds(5), false);
        License free = new License(License.Plan.FREE, 3, START, START.plusSeconds(5), true);

        assertThat(License.read(KEY, paid.terms(), Fleet.SETTINGS)).isEqualTo(paid);
        assertThat(License.read(KEY, free.terms(), Fleet.SETTINGS)).isEqualTo(free);
    }

    @Test
    void hasTheFreeSeatsOfThePresentSettings() {
        String terms = new License(License.Plan.FREE, 1, START, START.plusSeconds(5), true).terms();

        assertThat(License.read(KEY, terms, Fleet.SETTINGS).seats()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "2|paid|5|1|2|1", "1|paid||1|2|1", "1|gold|5|1|2|1", "1|paid|-5|1|2|1",
            "1|paid|99999999999|1|2|1", "1|paid|5|1|2|1|more", "1|paid|5|1|2|yes", "1|paid|5|x|2|1"})
    void isRefusedIfItIsUnreadable(String terms) {
        assertThatThrownBy(() -> License.read(KEY, terms, Fleet.SETTINGS)).isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining(KEY);
    }

    @Test
    void countsCalendarYears() {
        assertThat(License.plusYears(Instant.parse("2024-02-29T10:00:00Z"), 1)).isEqualTo("2025-02-28T10:00:00Z");
        assertThat(License.ofNewAccount(START, Fleet.SETTINGS).until()).isEqualTo("2027-11-22T10:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({"P0D, 3, active", "P334D, 3, active", "P336D, 3, expiring", "P366D, 3, expired",
            "P0D, 2, not_authorized",
            "P336D, 2, not_authorized", "P366D, 2, expired"})
    void hasAStateByTimeAndNumberOfDevices(Duration after, long devices, String state) {
        License license = License.ofNewAccount(START, Fleet.SETTINGS);

        assertThat(license.state(devices, 3, START.plus(after)).word()).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "never", textBlock = """
            0,   0,  100, 2026-11-22
            -5,  0,  100, 2026-11-22
            10,  0,  100, never
            10,  30, 100, 2026-12-02
            10,  3,  100, 2027-03-02
            1,   60, 100, 2026-11-23
            10,  10, 0,   2026-11-23
            10,  10, 4,   2026-11-27
            100000, 1, 100, never
            """)
    void foretellsWhenItRunsFull(long free, long taken, long age, LocalDate fullOn) {
        LocalDate today = LocalDate.parse("2026-11-22");
        // Seats that were taken before the last thirty days say nothing of the present rate.
        Map<Long, Long> byDay = Map.of(today.toEpochDay(), taken, today.toEpochDay() - 30, 1000L);

        assertThat(SeatForecast.fullOn(free, byDay, today.minusDays(age), today).orElse(null)).isEqualTo(fullOn);
    }

    @Test
    void remembersHowManySeatsWereTakenOnEachDay() {
        LocalDate today = LocalDate.parse("2026-11-22");
        Map<Long, Long> byDay = Map.of(today.toEpochDay(), 2L, today.toEpochDay() - 1, -1L, today.toEpochDay() - 40,
                5L);

        SortedMap<LocalDate, Long> history = SeatForecast.history(6, byDay, today);

        assertThat(history).hasSize(30).containsEntry(today, 6L).containsEntry(today.minusDays(1), 4L)
                .containsEntry(today.minusDays(2), 5L).containsEntry(today.minusDays(29), 5L);
    }
}
