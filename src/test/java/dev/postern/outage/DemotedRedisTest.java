package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.RedisProcess;
import dev.postern.store.StoreState;
import dev.postern.support.Cable;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/**
 * A primary becomes a replica and lives on with its connections, and its name is given to another server, as in the
 * maintenance of a managed Redis.
 */
@Timeout(120)
@LongTest
@OwnsItsGate
@Order(4)
class DemotedRedisTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int TOKENS = 20;

    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final Cable name = new Cable(Duration.ZERO);
    private final int[] ports = RedisProcess.freePorts(3);
    private final RedisProcess first = RedisProcess.server(ports[0]);
    private final RedisProcess second = RedisProcess.server(ports[1], "replicaof 127.0.0.1 " + ports[0]);
    private final List<AutoCloseable> open = new ArrayList<>(List.of(second, first, name, backend::disposeNow));
    private Path secretKeys = Path.of("");

    @BeforeEach
    void replicate() throws IOException {
        name.leadTo(ports[0]);
        secretKeys = Files.createTempDirectory(Path.of("target"), "demoted-").resolve("secret-keys.json");
        first.awaitReplicated();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private TestGate gate(int port) {
        TestGate gate = TestGate.start("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + port,
                "postern.secret-keys.create=true", "postern.secret-keys.file=" + secretKeys.toAbsolutePath(),
                "postern.backend=http://127.0.0.1:" + backend.port());
        open.add(gate);
        return gate;
    }

    /** Makes the second server the primary. From now on, the first server follows the given port, or tries to. */
    private void swap(int primaryForTheFirst) {
        first.awaitReplicated();
        second.ask(commands -> commands.replicaofNoOne());
        name.leadTo(ports[1]);
        first.ask(commands -> commands.replicaof("127.0.0.1", primaryForTheFirst));
    }

    @Test
    void isAbandonedByAGateThatWrites() {
        TestGate gate = gate(name.port());
        Customer customer = gate.newCustomer();
        swap(ports[1]);

        await().atMost(LIMIT).untilAsserted(() -> assertThat(customer.manage("POST", "/static-tokens",
                "{\"name\":\"made after\"}").status()).isIn(201, 409));

        awaitLeft(gate);
        assertThat(customer.manage("POST", "/static-tokens", "{\"name\":\"made later\"}").status()).isEqualTo(201);
        // And the gate waits for the replicas of the new primary.
        await().atMost(LIMIT).untilAsserted(() -> assertThat(pay(customer).json().required("receipt")
                .required("replicas")).hasToString("{\"connected\":1,\"confirmed\":1}"));
    }

    @Test
    void isNoLongerAskedForItsReplicas() {
        TestGate gate = gate(name.port());
        Customer customer = gate.newCustomer();
        assertThat(pay(customer).status()).isEqualTo(200);
        // The old primary follows a port where no server could tell it of changes.
        swap(ports[2]);
        awaitLeft(gate);

        Reply paid = pay(customer);

        assertThat(paid.status()).isEqualTo(200);
        assertThat(paid.json().required("receipt").required("replicas"))
                .hasToString("{\"connected\":0,\"confirmed\":0,\"expected\":1}");
    }

    /** A server accepts no writes if it must have a replica and has none yet. */
    @Test
    void isAbandonedForOneThatAcceptsNoWrites() {
        TestGate gate = gate(name.port());
        Customer customer = gate.newCustomer();
        JsonNode token = customer.make("/static-tokens", "{\"name\":\"not read before\"}");
        second.ask(commands -> commands.configSet("min-replicas-to-write", "1"));
        swap(ports[2]);
        awaitLeft(gate);

        assertThat(status(gate, token)).isEqualTo(200);
        assertThat(pay(customer).status()).isEqualTo(503);
    }

    /** Waits until the gate has left the old primary and is sure of all changes again. */
    private static void awaitLeft(TestGate gate) {
        await().atMost(LIMIT).until(() -> gate.redis().changes().view().gaps() > 0 && gate.redis().isConnected()
                && gate.redis().management().isConnected()
                && gate.redis().changes().view().state() == StoreState.LIVE);
    }

    private static Reply pay(Customer customer) {
        return customer.manage("PUT", "/license?receipt=true", "{\"plan\":\"paid\",\"seats\":1}");
    }

    /** The old primary is cut off and hears of no more changes, and it answers nevertheless. */
    @Test
    void isNotReadByAGateThatConfirmsAChange() {
        TestGate gate = gate(name.port());
        Customer customer = gate.newCustomer();
        List<JsonNode> tokens = new ArrayList<>();
        for (int i = 0; i < TOKENS; i++) {
            tokens.add(customer.make("/static-tokens", "{\"name\":\"token " + i + "\"}"));
            assertThat(status(gate, tokens.getLast())).isEqualTo(200);
        }
        swap(ports[2]);
        TestGate other = gate(ports[1]);
        other.awaitLive();

        int known = 0;
        for (JsonNode token : tokens) {
            Reply narrowed = other.operate("PUT", "/api/v1/accounts/" + customer.account() + "/static-tokens/"
                    + token.required("id").stringValue() + "?receipt=true",
                    "{\"name\":\"" + token.required("name").stringValue() + "\",\"rules\":[]}");
            assertThat(narrowed.status()).isEqualTo(200);
            if (narrowed.json().required("receipt").required("confirmed").size() == 2) {
                known++;
                assertThat(status(gate, token)).as("after it has said that it knows").isNotEqualTo(200);
            }
        }
        assertThat(known).isPositive();
        tokens.forEach(token -> assertThat(status(gate, token)).isEqualTo(403));
    }

    /** For some seconds after a failover on command, neither the old primary nor the gate has been told of it. */
    @Test
    void isSaidToBeAloneWhileNobodyHasToldItYet() {
        TestGate gate = gate(name.port());
        Customer customer = gate.newCustomer();
        JsonNode receipt = customer.make("/static-tokens?receipt=true", "{\"name\":\"before\"}").required("receipt");
        assertThat(receipt.required("replicas").required("connected").intValue()).isOne();

        second.ask(commands -> commands.replicaofNoOne());
        await().atMost(LIMIT).untilAsserted(() -> assertThat(
                first.<String>ask(commands -> commands.info("replication"))).doesNotContain("state=online"));
        JsonNode lonely = pay(customer).json().required("receipt");

        assertThat(lonely.required("complete").booleanValue()).isFalse();
        assertThat(lonely.required("replicas")).hasToString("{\"connected\":0,\"confirmed\":0,\"expected\":1}");
    }

    private static int status(TestGate gate, JsonNode token) {
        return gate.call(token.required("token").stringValue(), "GET", "/devices/lamp").status();
    }
}
