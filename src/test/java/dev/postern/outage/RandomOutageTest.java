package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.outage.RandomOutage.Outcome;
import dev.postern.support.OwnsItsGate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens between three gates and their Redis, each answer is right or 503. Seeds run two at a time, each with
 * gates and a Redis of its own, because most of a run is waiting. By default there are four seeds of half a minute;
 * {@code -Dseeds=20} runs twenty seeds of a minute each.
 */
@Timeout(300)
@OwnsItsGate
@Order(1)
class RandomOutageTest {
    private static final @Nullable Integer ASKED_FOR = Integer.getInteger("seeds");
    private static final int SEEDS = ASKED_FOR != null ? ASKED_FOR : 4;
    private static final int SECONDS = ASKED_FOR != null ? 60 : 30;
    private static final List<ThreeGates> WORLDS = List.of(world(), world());

    private static ThreeGates world() {
        return new ThreeGates("postern.license.enabled=true", "postern.cache.response-header=true",
                "postern.cache.time-to-live=5s", "postern.outage.read-grace=4s", "postern.outage.write-grace=1500ms");
    }

    @AfterAll
    static void close() {
        WORLDS.forEach(ThreeGates::close);
    }

    static IntStream pairs() {
        return IntStream.range(0, (SEEDS + 1) / 2);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everyAnswerIsCorrectOrReportsTheOutage(int pair) throws Exception {
        try (ExecutorService worlds = Executors.newFixedThreadPool(WORLDS.size())) {
            List<Future<Outcome>> runs = IntStream.range(0, WORLDS.size()).mapToObj(world -> worlds
                    .submit(() -> new RandomOutage(pair * 2L + world + 1, WORLDS.get(world))
                            .run(Duration.ofSeconds(SECONDS))))
                    .toList();
            for (Future<Outcome> run : runs) {
                Outcome outcome = run.get();
                System.out.printf("seed %d: %d allowed, %d denied, %d store_unavailable; %d keys, %d disruptions; an"
                        + " answer was behind by %.3f s at most%n", outcome.seed(), outcome.allowed(),
                        outcome.denied(), outcome.unavailable(), outcome.keys(), outcome.disruptions(),
                        outcome.mostBehind().toMillis() / 1e3);
                assertThat(outcome.wrong().stream().limit(3))
                        .as("%d wrong answers with seed %d", outcome.wrong().size(),
                                outcome.seed())
                        .isEmpty();
                assertThat(outcome.allowed()).as("%s", outcome).isGreaterThan(SECONDS * 5);
                assertThat(outcome.denied()).as("%s", outcome).isGreaterThan(SECONDS * 5);
                assertThat(outcome.disruptions()).isGreaterThan(SECONDS / 15);
            }
        }
    }
}
