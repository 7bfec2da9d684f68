package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.RedisProcess;
import dev.postern.store.Replication;
import dev.postern.store.TestSentinel;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * A revoked credential stays revoked if the Redis that took in the revocation is lost, and two gates answer correctly
 * all the while.
 */
@Timeout(300)
@LongTest
@OwnsItsGate
@Order(1)
class RevocationOverFailoverTest {
    private static final int SOME = 40;
    private static final int ROUNDS = 20;
    private static final String CONFIRMED = "{\"connected\":1,\"confirmed\":1}";
    private static final String UNCONFIRMED = "{\"connected\":1,\"confirmed\":0}";
    private static final String ALONE = "{\"connected\":0,\"confirmed\":0}";
    private static final Duration LAG = Duration.ofMillis(20);

    private final FailoverGates gates = new FailoverGates();

    @AfterEach
    void close() {
        gates.close();
    }

    /**
     * A revocation that is answered before the replica has it is lost: the replica is behind, and what is on its way to
     * the replica is dropped.
     */
    @Test
    void survivesTheFailoverForANewlyStartedGate() {
        TestSentinel redis = gates.opened(new TestSentinel(LAG));
        TestGate gate = gates.start(redis.properties());
        Customer customer = gate.newCustomer();
        List<RevocableToken> tokens = IntStream.range(0, ROUNDS).mapToObj(number -> RevocableToken.of(customer, number))
                .toList();
        RevocableToken kept = RevocableToken.of(customer, ROUNDS);
        List<String> keys = IntStream.range(0, ROUNDS)
                .mapToObj(_ -> customer
                        .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]"))
                .toList();
        RedisProcess primary = redis.primary();
        // If the machine stands still for half a second, the gate stops waiting for the replica, and says so.
        List<RevocableToken> lasting = new ArrayList<>();
        for (RevocableToken token : tokens) {
            JsonNode receipt = token.receipt();
            boolean complete = receipt.required("complete").booleanValue();
            assertThat(RevocableToken.replicas(receipt))
                    .isIn(complete ? List.of(CONFIRMED) : List.of(CONFIRMED, UNCONFIRMED));
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

        TestGate fresh = gates.start(redis.properties());
        await().atMost(TestSentinel.LIMIT).until(() -> kept.status(fresh) == 200);
        assertThat(lasting).hasSizeGreaterThan(ROUNDS / 2)
                .allSatisfy(token -> assertThat(token.status(fresh)).isEqualTo(401));
        assertThat(lastingKeys).hasSizeGreaterThan(ROUNDS / 2).allSatisfy(
                key -> assertThat(fresh.call(key, "GET", "/devices/lamp").status()).isEqualTo(401));
        await().atMost(TestSentinel.LIMIT).until(() -> gate.redis().isConnected()
                && gate.redis().management().isConnected());
        RevocableToken alone = RevocableToken.of(fresh.newCustomer(), 0);
        assertThat(RevocableToken.replicas(alone.receipt())).isEqualTo(ALONE);
    }

    @Test
    void isAnsweredThoughTheReplicaHasNotConfirmedIt() {
        TestSentinel redis = gates.opened(new TestSentinel());
        TestGate gate = gates.start(redis.properties());
        Customer customer = gate.newCustomer();
        List<RevocableToken> tokens = IntStream.range(0, 2).mapToObj(number -> RevocableToken.of(customer, number))
                .toList();
        RedisProcess replica = redis.servers().stream().filter(server -> server != redis.primary()).findFirst()
                .orElseThrow();
        double before = unconfirmed(gate);

        replica.pause();
        JsonNode receipt = tokens.getFirst().receipt();
        int plain = tokens.get(1).revoke("").status();
        replica.resume();

        assertThat(RevocableToken.replicas(receipt)).isEqualTo(UNCONFIRMED);
        assertThat(receipt.required("complete").booleanValue()).isFalse();
        assertThat(receipt.required("missing")).as("gates").isEmpty();
        assertThat(plain).isEqualTo(204);
        assertThat(tokens).allSatisfy(token -> assertThat(token.status(gate)).isEqualTo(401));
        assertThat(unconfirmed(gate) - before).isEqualTo(2);
        redis.awaitReplicated();
        Iterator<RevocableToken> more = IntStream.iterate(tokens.size(), number -> number + 1)
                .mapToObj(number -> RevocableToken.of(customer, number)).iterator();
        await().atMost(TestSentinel.LIMIT).until(() -> {
            String replicas = RevocableToken.replicas(more.next().receipt());
            assertThat(replicas).isIn(CONFIRMED, UNCONFIRMED);
            return replicas.equals(CONFIRMED);
        });
    }

    private static double unconfirmed(TestGate gate) {
        return gate.context().getBean(Replication.class).unconfirmed();
    }

    @Test
    void isCorrectAtTwoGatesWhileAPrimaryIsKilled() {
        isRightWhile(RedisProcess::kill);
    }

    @Test
    void isCorrectAtTwoGatesWhileAPrimaryHangs() {
        isRightWhile(RedisProcess::pause);
    }

    /**
     * The old primary goes on for some seconds, and so do the gates on it; then all that it took in meanwhile is lost.
     */
    @Test
    void isCorrectAtTwoGatesWhileAnotherIsPromoted() {
        TestSentinel redis = gates.opened(new TestSentinel());
        List<TestGate> pair = List.of(gates.start(redis.properties()), gates.start(redis.properties()));
        try (GrantLoad load = new GrantLoad(pair, List.of(pair.getFirst().newCustomer()))) {
            load.awaitRevoked(SOME);
            RedisProcess primary = redis.primary();
            redis.failOver();
            redis.awaitFailover(primary);
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gates.start(redis.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    private void isRightWhile(Consumer<RedisProcess> end) {
        TestSentinel redis = gates.opened(new TestSentinel());
        List<TestGate> pair = List.of(gates.start(redis.properties()), gates.start(redis.properties()));
        try (GrantLoad load = new GrantLoad(pair, List.of(pair.getFirst().newCustomer()))) {
            load.awaitRevoked(SOME);
            RedisProcess primary = redis.primary();
            end.accept(primary);
            redis.awaitFailover(primary);
            load.onlyOneIsLeft();
            load.awaitRevoked(SOME);
            primary.resume();
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gates.start(redis.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }
}
