package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Cable;
import dev.postern.support.KeepAlive;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.Standstills;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
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
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/** What is changed at one gate counts at the others, which go on from memory meanwhile. */
@NeedsTheMachine
class RevocationTest {
    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final Cable CABLE = new Cable(REDIS.port());
    private static final int ROUNDS = 200;
    private static final int CALLERS = 4;
    private static final int AT_ONCE = 8;

    private static TestGate one;
    private static TestGate other;

    @BeforeAll
    static void start() {
        String[] common = {"postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json",
                "postern.backend=http://127.0.0.1:" + BACKEND.port(), "postern.cache.response-header=true"};
        one = TestGate.start(REDIS.properties(common));
        String[] cabled = REDIS.properties(common);
        cabled[1] = "spring.data.redis.port=" + CABLE.port();
        other = TestGate.start(cabled);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(states()).containsExactly("live", "live"));
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
        CABLE.close();
        REDIS.close();
        BACKEND.disposeNow();
    }

    /** Calls come as fast as the machine goes; how fast that is is in the output. */
    @Test
    void isKnownAtTheOtherGateWithinMilliseconds() throws Exception {
        Customer customer = one.newCustomer();
        long[] deletions = new long[ROUNDS];
        long[] refusals = new long[ROUNDS];
        long calls = 0;
        long served = 0;
        // A collection of garbage, or a processor that is somebody else's, in two of the rounds is no fault of the gate's.
        try (Standstills standstills = new Standstills();
                ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            List<KeepAlive> connections = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                connections.add(new KeepAlive(other));
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

    /** Sends some calls at once, as the client would take more of the machine than the gate otherwise. */
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
        /** When the first refusal was there. */
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

    @Test
    void namesTheGatesThatKnowOfIt() {
        Customer customer = one.newCustomer();
        String first = customer.make("/static-tokens", "{\"name\":\"receipt one\"}").required("id").stringValue();
        String second = customer.make("/static-tokens", "{\"name\":\"receipt two\"}").required("id").stringValue();
        String third = customer.make("/static-tokens", "{\"name\":\"receipt three\"}").required("id").stringValue();

        Reply confirmed = customer.manage("DELETE", "/static-tokens/" + first + "?receipt=true", "");
        assertThat(confirmed.status()).isEqualTo(200);
        JsonNode receipt = confirmed.json().required("receipt");
        assertThat(receipt.required("complete").booleanValue()).isTrue();
        assertThat(receipt.required("confirmed")).hasSize(2);
        assertThat(receipt.required("missing")).isEmpty();
        assertThat(receipt.required("replicas")).hasToString("{\"connected\":0,\"confirmed\":0}");

        CABLE.cut();
        try {
            JsonNode incomplete = customer.manage("DELETE", "/static-tokens/" + second + "?receipt=true", "").json()
                    .required("receipt");
            assertThat(incomplete.required("complete").booleanValue()).isFalse();
            assertThat(incomplete.required("confirmed")).hasSize(1);
            assertThat(incomplete.required("missing")).hasSize(1);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(states()).contains("silent"));
            JsonNode silent = customer.manage("PUT", "/static-tokens/" + third + "?receipt=true",
                    "{\"name\":\"receipt three\",\"rules\":[]}").json().required("receipt");
            assertThat(silent.required("complete").booleanValue()).as("it may be deciding by what it knew").isFalse();
            assertThat(silent.required("missing").required(0).required("state").stringValue()).isEqualTo("silent");
        } finally {
            CABLE.mend();
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(states()).containsOnly("live"));
        JsonNode again = customer.manage("PUT", "/static-tokens/" + third + "?receipt=true",
                "{\"name\":\"receipt three\",\"rules\":[]}").json();
        assertThat(again.required("receipt").required("confirmed")).hasSize(2);
        assertThat(again.required("name").stringValue()).isEqualTo("receipt three");
        assertThat(customer.manage("DELETE", "/static-tokens/" + third + "?receipt=maybe", "").status()).isEqualTo(400);
        assertThat(customer.manage("GET", "/static-tokens?receipt=true", "").status()).isEqualTo(400);
    }

    @Test
    void doesNotExpectAStoppedGate() {
        Customer customer = one.newCustomer();
        String token = customer.make("/static-tokens", "{\"name\":\"known to three\"}").required("id").stringValue();
        try (TestGate third = TestGate.start(REDIS.properties(
                "postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json"))) {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                    third.operate("GET", "/api/v1/gates", "").json().required("total_count").intValue()).isEqualTo(3));
        }

        JsonNode receipt = customer.manage("DELETE", "/static-tokens/" + token + "?receipt=true", "").json()
                .required("receipt");
        assertThat(receipt.required("complete").booleanValue()).isTrue();
        assertThat(receipt.required("confirmed")).hasSize(2);
        assertThat(states()).hasSize(2);
    }

    private static List<String> states() {
        JsonNode gates = one.operate("GET", "/api/v1/gates", "").json();
        assertThat(gates.required("total_count").intValue()).isEqualTo(2);
        return StreamSupport.stream(gates.required("gates").spliterator(), false)
                .map(gate -> gate.required("state").stringValue()).toList();
    }

    /** Cut off, a gate goes on with what it knows; back again, it knows what happened meanwhile, though the log was trimmed. */
    @Test
    void reachesAGateThatWasDisconnected() {
        Customer customer = one.newCustomer();
        JsonNode token = customer.make("/static-tokens", "{\"name\":\"missed\"}");
        String secret = token.required("token").stringValue();
        String kept = customer.make("/static-tokens", "{\"name\":\"kept\"}").required("token").stringValue();
        other.awaitRemembered(secret, "GET", "/devices/lamp", 200);
        other.awaitRemembered(kept, "GET", "/devices/lamp", 200);

        CABLE.cut();
        try {
            assertThat(customer.manage("DELETE", "/static-tokens/" + token.required("id").stringValue(), "").status())
                    .isEqualTo(204);
            for (int i = 0; i < 20; i++) {
                customer.make("/static-tokens", "{\"name\":\"after it " + i + "\"}");
            }
            one.redis().run(commands -> commands.xtrim("postern:{changes}:log", 5)).block();
            Reply stale = other.call(secret, "GET", "/devices/lamp");
            assertThat(stale.status()).as("nobody could tell it").isEqualTo(200);
            assertThat(stale.header("X-Postern-Staleness")).matches("[0-9.]+; (live|suspect|down)");
        } finally {
            CABLE.mend();
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> other.call(secret, "GET", "/devices/lamp").status() == 401);
        assertThat(other.call(kept, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @Test
    void isNoticedEvenIfRedisLosesAllData() {
        Customer customer = one.newCustomer();
        String key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
        String record = one.recordOf(key);
        byte[] dump = one.redis().run(commands -> commands.dump(record)).blockOptional().orElseThrow();
        assertThat(other.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);

        one.redis().run(commands -> commands.flushall()).block();

        await().atMost(Duration.ofSeconds(10)).until(() -> other.call(key, "GET", "/devices/lamp").status() == 401);
        one.redis().run(commands -> commands.restore(record, 0, dump)).block();
        await().atMost(Duration.ofSeconds(10)).until(() -> other.call(key, "GET", "/devices/lamp").status() == 200);
    }
}
