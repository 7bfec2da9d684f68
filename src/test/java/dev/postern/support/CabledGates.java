package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/** Two gates on one Redis, which the second reaches through a cable that can be cut. */
public final class CabledGates implements AutoCloseable {
    public final Cable cable;
    public final TestGate one;
    public final TestGate other;

    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final TestRedisServer redis = new TestRedisServer();

    public CabledGates() {
        cable = new Cable(redis.port());
        one = TestGate.start(redis.properties(common()));
        other = TestGate.start(cabled(common()));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(states()).containsExactly("live", "live"));
    }

    private String[] common() {
        return new String[]{secretKeys(), "postern.backend=http://127.0.0.1:" + backend.port(),
                "postern.cache.response-header=true"};
    }

    private String secretKeys() {
        return "postern.secret-keys.file=" + redis.directory() + "/secret-keys.json";
    }

    private String[] cabled(String... properties) {
        String[] cabled = redis.properties(properties);
        cabled[1] = "spring.data.redis.port=" + cable.port();
        return cabled;
    }

    /** A third gate on the cable, which decides nothing without Redis. */
    public TestGate startImpatient() {
        return TestGate.start(cabled(secretKeys(), "postern.outage.read-grace=0s", "postern.outage.write-grace=0s"));
    }

    /** A third gate beside them, not on the cable. */
    public TestGate startThird() {
        return TestGate.start(redis.properties(secretKeys()));
    }

    /** The states of the gates, as the first gate sees them. */
    public List<String> states() {
        JsonNode gates = one.operate("GET", "/api/v1/gates", "").json();
        assertThat(gates.required("total_count").intValue()).isEqualTo(2);
        return StreamSupport.stream(gates.required("gates").spliterator(), false)
                .map(gate -> gate.required("state").stringValue()).toList();
    }

    @Override
    public void close() {
        other.close();
        one.close();
        cable.close();
        redis.close();
        backend.disposeNow();
    }
}
