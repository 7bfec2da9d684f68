package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.postern.express.LaneClient.Seen;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import dev.postern.support.Thoroughness;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The express lane only repeats what the chain does: random exchanges are sent through two gates on one Redis, one of which
 * has the lane, and the clients, the backends and the meters must see the same. {@link Differences} lists what may differ.
 *
 * <p>{@code -Dexchanges=N} and {@code -Dseed=N} choose how many exchanges there are and which.
 */
@NeedsTheMachine
class LanesAgreeTest {
    private static final int EXCHANGES = Integer.getInteger("exchanges",
            Thoroughness.pick(600, 10_000));
    private static final long SEED = Long.getLong("seed", 20_260_713);
    /** How many differing exchanges are shown at most. */
    private static final int SHOWN = Integer.getInteger("shown", 5);
    /** For this many exchanges after a call that ends late, the meters may still count that call. */
    private static final int LATE_FOR = 3;
    private static final long METERS_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long METERS_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LIMIT_SECONDS = 60L + EXCHANGES / 20L;

    /** Counts the exchanges whose meters were compared, rather than left out for a named reason. */
    private static final LongAdder METERS_COMPARED = new LongAdder();
    private static final double LEAST_METERS = 0.25;

    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final List<LaneBackend> CHAIN_BACKENDS = backends();
    private static final List<LaneBackend> LANE_BACKENDS = backends();
    private static final TestGate CHAIN = start("false", CHAIN_BACKENDS);
    private static final TestGate LANE = start("true", LANE_BACKENDS);
    private static final List<String> KEYS = keys();

    private static List<LaneBackend> backends() {
        return Stream.generate(LaneBackend::new).limit(RequestMaker.APIS.size()).toList();
    }

    private static TestGate start(String express, List<LaneBackend> backends) {
        List<String> properties = new ArrayList<>();
        properties.add("postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json");
        properties.add("postern.express.enabled=" + express);
        for (int api = 0; api < backends.size(); api++) {
            properties.add("postern.apis." + RequestMaker.APIS.get(api) + ".backend=" + backends.get(api).address());
        }
        return TestGate.start(REDIS.properties(properties.toArray(String[]::new)));
    }

    private static List<String> keys() {
        CHAIN.awaitLive();
        LANE.awaitLive();
        return ExchangeMaker.newKeys(CHAIN);
    }

    @AfterAll
    static void stop() throws IOException {
        LANE.close();
        CHAIN.close();
        REDIS.close();
        for (LaneBackend backend : CHAIN_BACKENDS) {
            backend.close();
        }
        for (LaneBackend backend : LANE_BACKENDS) {
            backend.close();
        }
    }

    @Test
    void bothWaysThroughTheGateAreTheSame() throws Exception {
        warmUp();
        List<String> differing = new ArrayList<>();
        Map<String, Double> before = decisions(CHAIN, "none");
        Map<String, Double> beforeLane = decisions(LANE, "none");
        long start = System.nanoTime();
        try (ExecutorService workers = Executors.newFixedThreadPool(RequestMaker.APIS.size())) {
            List<Future<List<String>>> running = new ArrayList<>();
            for (int api = 0; api < RequestMaker.APIS.size(); api++) {
                int mine = api;
                running.add(workers.submit(() -> play(mine)));
            }
            for (Future<List<String>> worker : running) {
                differing.addAll(result(worker));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%d exchanges in %.1f s, %.0f a second; %.0f %% of the calls on the lane; %d with meters; %d differ%n",
                EXCHANGES,
                seconds, EXCHANGES / seconds, 100 * ExchangeMaker.shareOnLane(LANE), METERS_COMPARED.sum(),
                differing.size());
        if (!differing.isEmpty()) {
            fail("%d exchanges of %d differ, with the seed %d:%n%s", differing.size(), EXCHANGES, SEED,
                    String.join("\n\n", differing.subList(0, Math.min(SHOWN, differing.size()))));
        }
        compareRefusalsWithoutApi(delta(decisions(CHAIN, "none"), before), delta(decisions(LANE, "none"), beforeLane));
        for (LaneBackend backend : LANE_BACKENDS) {
            assertThat(backend.complaints()).as("at the backend of the lane").isEmpty();
        }
        for (LaneBackend backend : CHAIN_BACKENDS) {
            assertThat(backend.complaints()).as("at the backend of the chain").isEmpty();
        }
        assertThat(METERS_COMPARED.sum()).as("exchanges whose meters were compared")
                .isGreaterThan((long) (EXCHANGES * LEAST_METERS));
        assertThat(ExchangeMaker.shareOnLane(LANE)).as("share of calls on the lane").isGreaterThan(0.4);
    }

    /**
     * Compares the counts of all workers together: calls of no API cannot be told apart by worker. Some of these calls
     * belong to clients that went away, and may be missing.
     */
    private static void compareRefusalsWithoutApi(Map<String, Double> byChain, Map<String, Double> byLane) {
        assertThat(byLane.keySet()).as("refusals of no API, seed " + SEED).isEqualTo(byChain.keySet());
        byChain.forEach((tags, count) -> assertThat(byLane.get(tags)).as(tags + ", seed " + SEED).isCloseTo(count,
                within(3 + count / 100)));
    }

    private static List<String> result(Future<List<String>> worker)
            throws InterruptedException, ExecutionException, TimeoutException {
        return worker.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Makes calls until both gates have seen the keys, and decide from memory. */
    private static void warmUp() {
        for (String key : KEYS) {
            CHAIN.awaitRemembered(key, "GET", "/devices/none", 403);
            LANE.awaitRemembered(key, "GET", "/devices/none", 403);
        }
    }

    private static List<String> play(int api) throws Exception {
        LaneClient chain = new LaneClient(CHAIN.port(), CHAIN_BACKENDS.get(api));
        LaneClient lane = new LaneClient(LANE.port(), LANE_BACKENDS.get(api));
        String name = RequestMaker.APIS.get(api);
        List<String> differing = new ArrayList<>();
        int late = 0;
        for (int i = api; i < EXCHANGES; i += RequestMaker.APIS.size()) {
            Exchange exchange = ExchangeMaker.make(SEED + i, api, KEYS);
            List<String> found = new ArrayList<>();
            String where = "chain";
            try {
                Map<String, Double> chainBefore = decisions(CHAIN, name);
                Map<String, Double> laneBefore = decisions(LANE, name);
                Seen byChain = chain.play(exchange);
                where = "lane";
                Seen byLane = lane.play(exchange);
                Differences differences = Differences.between(exchange, byChain, byLane);
                compareMeters(name, chainBefore, laneBefore, differences, late-- > 0);
                if (differences.hasComparedMeters()) {
                    METERS_COMPARED.increment();
                }
                found.addAll(differences.found());
                late = differences.parted() ? LATE_FOR : late;
            } catch (AssertionError | IOException | RuntimeException broken) {
                found.add("at the gate with the " + where + ": " + broken);
            }
            late = exchange.endsLate() || !found.isEmpty() ? LATE_FOR : late;
            if (!found.isEmpty()) {
                differing.add("seed " + (SEED + i) + " (api " + api + ")\n" + exchange + "DIFFERENCES:\n  "
                        + String.join("\n  ", found));
            }
        }
        return differing;
    }

    private static void compareMeters(String api, Map<String, Double> chainBefore, Map<String, Double> laneBefore,
            Differences differences, boolean late) {
        long end = System.nanoTime() + METERS_LIMIT_NANOS;
        while (true) {
            Map<String, Double> byChain = delta(decisions(CHAIN, api), chainBefore);
            Map<String, Double> byLane = delta(decisions(LANE, api), laneBefore);
            if (!differences.metersDiffer(byChain, byLane, late)) {
                return;
            }
            if (System.nanoTime() > end) {
                differences.found().add("decisions\n    chain: " + byChain + "\n    lane:  " + byLane);
                return;
            }
            LockSupport.parkNanos(METERS_PAUSE_NANOS);
        }
    }

    private static Map<String, Double> decisions(TestGate gate, String api) {
        Map<String, Double> counts = new TreeMap<>();
        for (Counter counter : gate.context().getBean(MeterRegistry.class).find("postern.decisions").tag("api", api)
                .counters()) {
            counts.put(counter.getId().getTag("outcome") + " " + counter.getId().getTag("reason"), counter.count());
        }
        return counts;
    }

    private static Map<String, Double> delta(Map<String, Double> after, Map<String, Double> before) {
        Map<String, Double> delta = new TreeMap<>();
        after.forEach((tags, count) -> {
            double more = count - before.getOrDefault(tags, 0.0);
            if (more != 0) {
                delta.put(tags, more);
            }
        });
        return delta;
    }
}
