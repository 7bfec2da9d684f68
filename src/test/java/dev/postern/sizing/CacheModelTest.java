package dev.postern.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.store.SimulatedGate;
import dev.postern.support.LongTest;
import java.time.Duration;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formula gives what the gate's own near cache does, in a simulation with a clock of its own. */
@LongTest
class CacheModelTest {
    private static final double TIME_TO_LIVE = 30;
    private static final int CALLS = 400_000;
    private static final int STRIPES = 1 << 16;

    /**
     * @param exponent how unequally the items are called; 0 for equally
     * @param calls    in a second
     * @param changes  in a second, of random items
     * @param room     entries that fit into the cache
     * @param within   how far formula and cache may be apart, in per cent
     */
    @ParameterizedTest
    @CsvSource({"100, 0, 1000, 0, 100000, 3", "10000, 0, 1000, 0, 100000, 3", "10000, 1, 1000, 0, 100000, 3",
            "10000, 1, 2000, 20, 100000, 3", "2000, 0.7, 1000, 200, 100000, 3", "50000, 1, 5000, 10, 100000, 3",
            "50000, 1, 5000, 0, 2500, 10", "50000, 0.7, 5000, 0, 5000, 10"})
    void agreesWithTheNearCache(int items, double exponent, double calls, double changes, int room, int within) {
        Popularity popularity = Popularity.zipf(items, exponent);
        SimulatedGate gate = new SimulatedGate(Duration.ofSeconds((long) TIME_TO_LIVE), room);
        Random random = new Random(items);
        Popularity.Sampler sampler = popularity.sampler(random);
        // The first quarter fills the cache.
        int begin = CALLS / 4;
        double now = 0;
        double changed = 0;
        long loads = 0;
        long waiting = 0;
        double from = 0;
        for (int call = 0; call < CALLS; call++) {
            now -= Math.log(1 - random.nextDouble()) / calls;
            gate.at(now);
            for (; changes > 0 && changed < now; changed -= Math.log(1 - random.nextDouble()) / changes) {
                gate.change(random.nextInt(items));
            }
            if (call == begin) {
                loads = gate.loads();
                waiting = gate.waiting();
                from = now;
            }
            gate.call(sampler.next());
        }

        CacheModel.Rate rate = new CacheModel(TIME_TO_LIVE, room).all(popularity, calls,
                changes / items + changes / STRIPES);

        assertThat((gate.loads() - loads) / (now - from)).as("reads").isCloseTo(rate.loads(),
                Percentage.withPercentage(within));
        assertThat((gate.waiting() - waiting) / (now - from)).as("calls that wait").isCloseTo(rate.waiting(),
                Percentage.withPercentage(within));
    }
}
