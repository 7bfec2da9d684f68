package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Cable;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/** Two gates on one Redis, which the second reaches through a cable that can be cut. */
final class CabledGates implements AutoCloseable {
    final Cable cable;
    final TestGate one;
    final TestGate other;

    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final TestRedisServer redis = new TestRedisServer();

    CabledGates() {
        cable = new Cable(redis.port());
        one = TestGate.start(redis.properties(common()));
        String[] cabled = redis.properties(common());
        cabled[1] = "spring.data.redis.port=" + cable.port();
        other = TestGate.start(cabled);
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

    /** A third gate beside them, not on the cable. */
    TestGate startThird() {
        return TestGate.start(redis.properties(secretKeys()));
    }

    /** As the first gate sees them. */
    List<String> states() {
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
