package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.documents.DocumentedRedisUserTest;
import dev.postern.store.RedisProcess;
import dev.postern.store.Replication;
import dev.postern.store.TestCluster;
import dev.postern.store.TestSentinel;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;

/** What was revoked stays so when the Redis is lost that took it in; and two gates answer rightly all the while. */
@Timeout(300)
@OwnsItsGate
@Order(1)
class RevocationOverFailoverTest {
    private static final int SOME = 40;
    private static final int ROUNDS = 20;
    private static final String CONFIRMED = "{\"connected\":1,\"confirmed\":1}";
    private static final String UNCONFIRMED = "{\"connected\":1,\"confirmed\":0}";
    private static final String ALONE = "{\"connected\":0,\"confirmed\":0}";
    private static final Duration LAG = Duration.ofMillis(20);

    private final DisposableServer backend = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private final Path folder = folder();
    private final List<AutoCloseable> open = new ArrayList<>();

    private static Path folder() {
        try {
            return Files.createTempDirectory(Path.of("target"), "failover-").toAbsolutePath();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        backend.disposeNow();
    }

    private <T extends AutoCloseable> T opened(T one) {
        open.add(one);
        return one;
    }

    private TestGate gate(String[] redis) {
        return opened(TestGate.start(Stream.concat(Arrays.stream(redis),
                Stream.of("postern.secret-keys.file=" + folder.resolve("secret-keys.json"),
                        "postern.backend=http://127.0.0.1:" + backend.port(), "postern.cache.response-header=true"))
                .toArray(String[]::new)));
    }

    /** A token that is not remembered anywhere, and how to revoke it. */
    private record Token(Customer customer, String id, String secret) {
        static Token of(Customer customer, int number) {
            JsonNode made = customer.make("/static-tokens",
                    "{\"name\":\"" + customer.account() + " " + number + "\"}");
            return new Token(customer, made.required("id").stringValue(), made.required("token").stringValue());
        }

        Reply revoke(String query) {
            return customer.manage("DELETE", "/static-tokens/" + id + query, "");
        }

        JsonNode receipt() {
            return revoke("?receipt=true").json().required("receipt");
        }

        int status(TestGate gate) {
            return gate.call(secret, "GET", "/devices/lamp").status();
        }
    }

    private static String replicas(JsonNode receipt) {
        return receipt.required("replicas").toString();
    }

    /** What is answered before the replica has it is lost: it is behind, and what is on its way to it is dropped. */
    @Test
    void survivesTheFailoverForANewlyStartedGate() {
        TestSentinel redis = opened(new TestSentinel(LAG));
        TestGate gate = gate(redis.properties());
        Customer customer = gate.newCustomer();
        List<Token> tokens = IntStream.range(0, ROUNDS).mapToObj(number -> Token.of(customer, number)).toList();
        Token kept = Token.of(customer, ROUNDS);
        List<String> keys = IntStream.range(0, ROUNDS)
                .mapToObj(_ -> customer
                        .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]"))
                .toList();
        RedisProcess primary = redis.primary();
        // On a machine that stands still for half a second the replica is not waited for any longer, and that is said.
        List<Token> lasting = new ArrayList<>();
        for (Token token : tokens) {
            JsonNode receipt = token.receipt();
            boolean complete = receipt.required("complete").booleanValue();
            assertThat(replicas(receipt)).isIn(complete ? List.of(CONFIRMED) : List.of(CONFIRMED, UNCONFIRMED));
            if (complete) {
                lasting.add(token);
            }
        }
        List<String> lastingKeys = new ArrayList<>();
        for (String key : keys) {
            double before = unconfirmed(gate);
            assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();
            if (unconfirmed(gate) == before) {
                lastingKeys.add(key);
            }
        }
        redis.cutReplicaOff();
        primary.kill();
        redis.awaitFailover(primary);

        TestGate fresh = gate(redis.properties());
        await().atMost(TestSentinel.LIMIT).until(() -> kept.status(fresh) == 200);
        assertThat(lasting).hasSizeGreaterThan(ROUNDS / 2)
                .allSatisfy(token -> assertThat(token.status(fresh)).isEqualTo(401));
        assertThat(lastingKeys).hasSizeGreaterThan(ROUNDS / 2).allSatisfy(
                key -> assertThat(fresh.call(key, "GET", "/devices/lamp").status()).isEqualTo(401));
        await().atMost(TestSentinel.LIMIT).until(() -> gate.redis().isConnected()
                && gate.redis().management().isConnected());
        Token alone = Token.of(fresh.newCustomer(), 0);
        assertThat(replicas(alone.receipt())).isEqualTo(ALONE);
    }

    @Test
    void isAnsweredThoughTheReplicaHasNotConfirmedIt() {
        TestSentinel redis = opened(new TestSentinel());
        TestGate gate = gate(redis.properties());
        Customer customer = gate.newCustomer();
        List<Token> tokens = IntStream.range(0, 2).mapToObj(number -> Token.of(customer, number)).toList();
        RedisProcess replica = redis.servers().stream().filter(server -> server != redis.primary()).findFirst()
                .orElseThrow();
        double before = unconfirmed(gate);

        replica.pause();
        JsonNode receipt = tokens.getFirst().receipt();
        int plain = tokens.get(1).revoke("").status();
        replica.resume();

        assertThat(replicas(receipt)).isEqualTo(UNCONFIRMED);
        assertThat(receipt.required("complete").booleanValue()).isFalse();
        assertThat(receipt.required("missing")).as("gates").isEmpty();
        assertThat(plain).isEqualTo(204);
        assertThat(tokens).allSatisfy(token -> assertThat(token.status(gate)).isEqualTo(401));
        assertThat(unconfirmed(gate) - before).isEqualTo(2);
        redis.awaitReplicated();
        Iterator<Token> more = IntStream.iterate(tokens.size(), number -> number + 1)
                .mapToObj(number -> Token.of(customer, number)).iterator();
        await().atMost(TestSentinel.LIMIT).until(() -> {
            String replicas = replicas(more.next().receipt());
            assertThat(replicas).isIn(CONFIRMED, UNCONFIRMED);
            return replicas.equals(CONFIRMED);
        });
    }

    private static double unconfirmed(TestGate gate) {
        return gate.context().getBean(Replication.class).unconfirmed();
    }

    @Test
    void coversRecordsOnOtherClusterNodesThanTheLog() throws IOException {
        TestCluster cluster = opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        TestGate gate = gate(cluster.properties());
        RedisProcess log = cluster.nodeOf(SlotHash.getSlot("postern:{changes}:log"));
        RedisProcess doomed = cluster.nodes().stream().filter(node -> node != log).findFirst().orElseThrow();
        RedisProcess replica = cluster.addReplica(doomed);
        // The account is on the node that is lost, so that the receipt speaks of no other where the token is there too.
        Customer customer = Stream.generate(gate::newCustomer).limit(100)
                .filter(one -> cluster.nodeOf(SlotHash.getSlot("postern:{" + one.account() + "}:account")) == doomed)
                .findFirst().orElseThrow();
        List<Token> tokens = IntStream.range(0, 2 * ROUNDS).mapToObj(number -> Token.of(customer, number)).toList();
        Token kept = Token.of(customer, tokens.size());
        int there = 0;
        List<Token> lasting = new ArrayList<>();
        for (Token token : tokens) {
            boolean lost = cluster.nodeOf(SlotHash.getSlot(gate.recordOf(token.secret()))) == doomed;
            String replicas = replicas(token.receipt());
            // What the replica does not confirm in time, for want of a processor, may be lost.
            assertThat(replicas).isIn(lost ? List.of(CONFIRMED, UNCONFIRMED) : List.of(ALONE));
            if (replicas.equals(CONFIRMED)) {
                lasting.add(token);
            }
            there += lost ? 1 : 0;
        }
        assertThat(there).as("records on the node that is lost").isPositive();
        assertThat(lasting).hasSizeGreaterThan(there / 2);
        doomed.kill();
        cluster.awaitPromoted(replica);

        TestGate fresh = gate(cluster.properties());
        await().atMost(TestCluster.LIMIT).until(() -> kept.status(fresh) == 200);
        assertThat(lasting).allSatisfy(token -> assertThat(token.status(fresh)).isEqualTo(401));
    }

    @Test
    void isCorrectAtTwoGatesWhileAPrimaryIsKilled() {
        isRightWhile(RedisProcess::kill);
    }

    @Test
    void isCorrectAtTwoGatesWhileAPrimaryHangs() {
        isRightWhile(RedisProcess::pause);
    }

    /** The old primary goes on for some seconds, and so do the gates on it; then all that it took in meanwhile is lost. */
    @Test
    void isCorrectAtTwoGatesWhileAnotherIsPromoted() {
        TestSentinel redis = opened(new TestSentinel());
        List<TestGate> gates = List.of(gate(redis.properties()), gate(redis.properties()));
        try (GrantLoad load = new GrantLoad(gates, List.of(gates.getFirst().newCustomer()))) {
            load.awaitRevoked(SOME);
            RedisProcess primary = redis.primary();
            redis.failOver();
            redis.awaitFailover(primary);
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gate(redis.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    private void isRightWhile(Consumer<RedisProcess> end) {
        TestSentinel redis = opened(new TestSentinel());
        List<TestGate> gates = List.of(gate(redis.properties()), gate(redis.properties()));
        try (GrantLoad load = new GrantLoad(gates, List.of(gates.getFirst().newCustomer()))) {
            load.awaitRevoked(SOME);
            RedisProcess primary = redis.primary();
            end.accept(primary);
            redis.awaitFailover(primary);
            load.onlyOneIsLeft();
            load.awaitRevoked(SOME);
            primary.resume();
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gate(redis.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    @Test
    void isCorrectAtTwoGatesWhileSlotsMove() throws IOException {
        TestCluster cluster = opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        List<TestGate> gates = List.of(gate(cluster.properties()), gate(cluster.properties()));
        try (GrantLoad load = new GrantLoad(gates, customers(gates.getFirst()))) {
            load.awaitRevoked(SOME);
            List<RedisProcess> nodes = cluster.nodes();
            for (int i = 0; i < nodes.size(); i++) {
                RedisProcess from = nodes.get(i);
                cluster.move(cluster.filledSlots(from), from, nodes.get((i + 1) % nodes.size()));
                load.awaitRevoked(SOME / 2);
            }
            load.rest();
            load.assertRightAt(gate(cluster.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    @Test
    void isCorrectAtTwoGatesWhileANodeIsKilled() throws IOException {
        TestCluster cluster = opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        List<TestGate> gates = List.of(gate(cluster.properties()), gate(cluster.properties()));
        RedisProcess doomed = cluster.nodes().getLast();
        RedisProcess replica = cluster.addReplica(doomed);
        try (GrantLoad load = new GrantLoad(gates, customers(gates.getFirst()))) {
            load.awaitRevoked(SOME);
            doomed.kill();
            cluster.awaitPromoted(replica);
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gate(cluster.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    /** On several nodes. */
    private static List<Customer> customers(TestGate gate) {
        return IntStream.range(0, 6).mapToObj(_ -> gate.newCustomer()).toList();
    }
}
