package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.MovableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchBudgetTest {
    private final MovableClock clock = MovableClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final FetchBudget budget = new FetchBudget(3, Duration.ofMinutes(1), clock);

    private long takeAll() {
        return Stream.generate(budget::take).takeWhile(taken -> taken).count();
    }

    @Test
    void allowsABurst() {
        assertThat(takeAll()).isEqualTo(3);
    }

    @Test
    void refillsEvenly() {
        takeAll();

        clock.move(Duration.ofMillis(19_999));
        assertThat(budget.take()).isFalse();
        clock.move(Duration.ofMillis(1));
        assertThat(takeAll()).isOne();
        clock.move(Duration.ofSeconds(45));
        assertThat(takeAll()).isEqualTo(2);
    }

    @Test
    void isBoundedAfterALongTime() {
        takeAll();
        clock.move(Duration.ofDays(1));
        assertThat(takeAll()).isEqualTo(3);
    }

    @Test
    void recoversFromAClockThatIsSetBack() {
        takeAll();
        clock.move(Duration.ofDays(-1));
        assertThat(budget.take()).isFalse();
        clock.move(Duration.ofMinutes(1));
        assertThat(takeAll()).isEqualTo(3);
    }

    @Test
    void allowsAtLeastOneFetch() {
        assertThatThrownBy(() -> new FetchBudget(0, Duration.ofMinutes(1), clock))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FetchBudget(1, Duration.ZERO, clock))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 6, 40})
    void preventsAnIssuerFromUsingUpTheFetchesOfOthers(int issuers) {
        IssuerKeySettings settings = IssuerKeySettings.defaults();
        FetchBudget budget = FetchBudget.of(issuers, settings, clock);

        for (int pause = 0; pause < 50; pause++) {
            for (int issuer = 0; issuer < issuers; issuer++) {
                assertThat(budget.take()).as("issuer %s after %s pauses", issuer, pause).isTrue();
            }
            clock.move(settings.unknownKeyPause());
        }
    }
}
