package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Redis goes away, stands still, comes late, or is the wrong one. */
@OwnsItsGate
class RedisOutageTest {
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void reportsTheOutageRatherThanABadKeyAndRecovers() {
        try (RecordingBackend backend = new RecordingBackend();
                TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=" + backend.address(),
                        "postern.store.command-timeout=100ms"))) {
            Customer customer = TestGate.patiently(gate::newCustomer);
            String used = TestGate.patiently(() -> customer.newKey(READ_LAMP));
            String key = TestGate.patiently(() -> customer.newKey(READ_LAMP));
            gate.awaitRemembered(used, "GET", "/devices/lamp", 200);

            redis.stop();
            assertThat(gate.call(used, "GET", "/devices/lamp").status()).as("of what is in use").isEqualTo(200);
            backend.forget();
            assertSoonUnavailable(gate, key);
            assertThat(customer.keys("GET", "/keys", "").required("errno").intValue()).isEqualTo(50301);
            assertThat(gate.operate("GET", "/api/v1/accounts", "").reason()).isEqualTo("store_unavailable");
            assertThat(gate.operate("GET", "/actuator/health", "").json().required("components").required("store")
                    .required("status").stringValue()).isEqualTo("DOWN");
            await().atMost(PATIENCE).untilAsserted(() -> assertShows(gate, "down"));
            assertThat(staleness(gate)).isGreaterThan(1);
            assertThat(gate.operate("GET", "/actuator/health/readiness", "").status()).as("it still answers honestly")
                    .isEqualTo(200);
            assertThat(backend.received()).isEmpty();

            redis.start();
            awaitAllowed(gate, key);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertShows(gate, "live");
                assertThat(staleness(gate)).isLessThan(2);
            });

            String another = TestGate.patiently(() -> customer.newKey(READ_LAMP));
            redis.signal("STOP");
            try {
                assertSoonUnavailable(gate, another);
            } finally {
                redis.signal("CONT");
            }
            awaitAllowed(gate, another);
        }
    }

    @Test
    void startsWithoutRedisAndUsesItOnceItIsUp() throws IOException {
        try (RecordingBackend backend = new RecordingBackend(); TestRedisServer redis = new TestRedisServer()) {
            redis.stop();
            try (TestGate gate = startWithout(redis, "postern.backend=" + backend.address(),
                    "postern.store.command-timeout=100ms")) {
                assertThat(gate.call("any", "GET", "/devices/lamp").reason()).isEqualTo("store_unavailable");

                redis.start();
                await().atMost(PATIENCE).until(() -> gate.call("any", "GET", "/devices/lamp").reason()
                        .equals("credential_invalid"));
            }
        }
    }

    /**
     * While the gate starts, the test holds the port of Redis without listening on it, so that the gate does not get it
     * as one of its own ports.
     */
    private static TestGate startWithout(TestRedisServer redis, String... properties) throws IOException {
        try (Socket taken = new Socket()) {
            taken.setReuseAddress(true);
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
            return TestGate.start(redis.properties(properties));
        }
    }

    @Test
    void refusesARedisWithOtherSecretKeys() {
        try (TestRedisServer redis = new TestRedisServer();
                TestGate first = TestGate.start(redis.properties())) {
            // The gate that is there first decides which keys are right.
            await().atMost(PATIENCE).until(() -> first.redis().isConnected()
                    && first.redis().management().isConnected());
            try (TestGate second = TestGate.start(redis.properties())) {
                assertThat(first.call("any", "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
                assertThat(second.call("any", "GET", "/devices/lamp").reason()).isEqualTo("store_unavailable");
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        second.operate("GET", "/actuator/health", "").text()).contains("other secret keys"));
            }
        }
    }

    /** Asserts that the health and the metrics show this state. */
    private static void assertShows(TestGate gate, String state) {
        assertThat(gate.operate("GET", "/actuator/health", "").json().required("components").required("store")
                .required("details").required("state").stringValue()).isEqualTo(state);
        for (String each : List.of("live", "suspect", "down")) {
            assertThat(metric(gate, "postern_store_state{state=\"" + each + "\"}")).as(each)
                    .isEqualTo(each.equals(state) ? 1 : 0);
        }
    }

    private static double staleness(TestGate gate) {
        return metric(gate, "postern_staleness_bound_seconds");
    }

    private static double metric(TestGate gate, String name) {
        return gate.operate("GET", "/actuator/prometheus", "").text().lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length()))).findFirst().orElseThrow();
    }

    private static void awaitAllowed(TestGate gate, String key) {
        await().atMost(PATIENCE).until(() -> gate.call(key, "GET", "/devices/lamp").status() == 200);
    }

    /** The answer must come within 200 ms. On a busy machine, a quarter of twenty answers still do. */
    private static void assertSoonUnavailable(TestGate gate, String key) {
        long[] nanos = new long[20];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            Reply reply = gate.call(key, "GET", "/devices/lamp");
            nanos[i] = System.nanoTime() - start;
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.reason()).isEqualTo("store_unavailable");
            assertThat(reply.header("Retry-After")).isNotEmpty();
        }
        Arrays.sort(nanos);
        assertThat(Duration.ofNanos(nanos[nanos.length / 4])).isLessThan(Duration.ofMillis(200));
    }
}
