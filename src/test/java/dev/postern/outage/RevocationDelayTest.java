package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.CabledGates;
import dev.postern.support.KeepAlive;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.Standstills;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.Thoroughness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How long a gate goes on allowing calls with a token that was revoked at another gate. */
@NeedsTheMachine
@LongTest
class RevocationDelayTest {
    private static final int ROUNDS = Thoroughness.pick(60, 200);
    private static final int CALLERS = 4;
    private static final int AT_ONCE = 8;

    private static final CabledGates GATES = new CabledGates();

    @AfterAll
    static void stop() {
        GATES.close();
    }

    /** Calls come as fast as the machine can make them. The output says how fast that is. */
    @Test
    void isKnownAtTheOtherGateWithinMilliseconds() throws Exception {
        Customer customer = GATES.one.newCustomer();
        long[] deletions = new long[ROUNDS];
        long[] refusals = new long[ROUNDS];
        long calls = 0;
        long served = 0;
        // A garbage collection, or a processor that another process has, is no fault of the gate: the delays are
        // measured with and without such time.
        try (Standstills standstills = new Standstills();
                ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            List<KeepAlive> connections = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                connections.add(new KeepAlive(GATES.other));
            }
            for (int round = 0; round < ROUNDS; round++) {
                JsonNode token = customer.make("/static-tokens", "{\"name\":\"" + customer.account() + round + "\"}");
                String secret = token.required("token").stringValue();
                CountDownLatch busy = new CountDownLatch(CALLERS);
                List<Future<Load>> running = new ArrayList<>();
                long start = System.nanoTime();
                for (KeepAlive connection : connections) {
                    running.add(callers.submit(callUntilRefused(connection, secret, busy)));
                }
                assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();

                assertThat(customer.manage("DELETE", "/static-tokens/" + token.required("id").stringValue(), "")
                        .status()).isEqualTo(204);
                long deleted = System.nanoTime();

                long firstRefusal = Long.MAX_VALUE;
                long lastSuccess = Long.MIN_VALUE;
                for (Future<Load> load : running) {
                    Load done = load.get(20, TimeUnit.SECONDS);
                    calls += done.calls;
                    firstRefusal = Math.min(firstRefusal, done.refused);
                    lastSuccess = Math.max(lastSuccess, done.lastAllowedBegan);
                }
                served += System.nanoTime() - start;
                deletions[round] = deleted;
                refusals[round] = Math.max(deleted, firstRefusal);
                assertThat(lastSuccess).as("a call that began after the first refusal was answered")
                        .isLessThanOrEqualTo(firstRefusal);
            }
            connections.forEach(KeepAlive::close);
            long[] whole = new long[ROUNDS];
            Arrays.setAll(whole, round -> refusals[round] - deletions[round]);
            Arrays.sort(whole);
            long[] delays = new long[ROUNDS];
            Arrays.setAll(delays, round -> standstills.without(deletions[round], refusals[round]).toNanos());
            Arrays.sort(delays);
            System.out.printf(
                    "%d calls a second; refused at the other gate after: median %.2f ms, p99 %.2f ms, most %.2f ms;"
                            + " with what the machine stood still %.2f, %.2f and %.2f ms%n",
                    calls * 1_000_000_000L / served, delays[ROUNDS / 2] / 1e6, delays[ROUNDS * 99 / 100] / 1e6,
                    delays[ROUNDS - 1] / 1e6, whole[ROUNDS / 2] / 1e6, whole[ROUNDS * 99 / 100] / 1e6,
                    whole[ROUNDS - 1] / 1e6);
            assertThat(Duration.ofNanos(whole[ROUNDS / 2])).as("of half of the rounds, with everything")
                    .isLessThan(Duration.ofMillis(50));
            assertThat(Duration.ofNanos(delays[ROUNDS * 99 / 100])).isLessThan(Duration.ofMillis(50));
        }
    }

    /** Sends several calls at once: otherwise, the client would take more of the machine than the gate. */
    private static Callable<Load> callUntilRefused(KeepAlive connection, String secret, CountDownLatch busy) {
        return () -> {
            Load load = new Load();
            while (!load.isRefused()) {
                load.began = System.nanoTime();
                connection.callAtOnce(AT_ONCE, secret, "GET", "/devices/lamp", load::note);
                if (load.calls == 3 * AT_ONCE) {
                    busy.countDown();
                }
            }
            return load;
        };
    }

    /** What a caller saw. */
    private static final class Load {
        long calls;
        long began;
        /** When the last call began that was allowed. */
        long lastAllowedBegan = Long.MIN_VALUE;
        /** When the first refusal arrived. */
        long refused = Long.MAX_VALUE;

        void note(int status) {
            calls++;
            if (status == 200) {
                assertThat(isRefused()).as("allowed again").isFalse();
                lastAllowedBegan = began;
            } else {
                assertThat(status).isEqualTo(401);
                refused = Math.min(refused, System.nanoTime());
            }
        }

        boolean isRefused() {
            return refused != Long.MAX_VALUE;
        }
    }
}
