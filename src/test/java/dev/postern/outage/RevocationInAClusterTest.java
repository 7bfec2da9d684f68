package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.documents.DocumentedRedisUserTest;
import dev.postern.store.RedisProcess;
import dev.postern.store.TestCluster;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A revoked token stays revoked when a node of a cluster is lost or its slots move. */
@Timeout(300)
@LongTest
@OwnsItsGate
@Order(1)
class RevocationInAClusterTest {
    private static final int SOME = 40;
    private static final int MANY = 40;
    private static final String CONFIRMED = "{\"connected\":1,\"confirmed\":1}";
    private static final String UNCONFIRMED = "{\"connected\":1,\"confirmed\":0}";
    private static final String ALONE = "{\"connected\":0,\"confirmed\":0}";

    private final FailoverGates gates = new FailoverGates();

    @AfterEach
    void close() {
        gates.close();
    }

    @Test
    void coversRecordsOnOtherClusterNodesThanTheLog() throws IOException {
        TestCluster cluster = gates.opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        TestGate gate = gates.start(cluster.properties());
        RedisProcess log = cluster.nodeOf(SlotHash.getSlot("postern:{changes}:log"));
        RedisProcess doomed = cluster.nodes().stream().filter(node -> node != log).findFirst().orElseThrow();
        RedisProcess replica = cluster.addReplica(doomed);
        // The account is on the node that is lost: so, if the token is on that node, too, the receipt is about no other
        // node.
        Customer customer = Stream.generate(gate::newCustomer).limit(100)
                .filter(one -> cluster.nodeOf(SlotHash.getSlot("postern:{" + one.account() + "}:account")) == doomed)
                .findFirst().orElseThrow();
        List<RevocableToken> tokens = IntStream.range(0, MANY).mapToObj(number -> RevocableToken.of(customer, number))
                .toList();
        RevocableToken kept = RevocableToken.of(customer, tokens.size());
        int there = 0;
        List<RevocableToken> lasting = new ArrayList<>();
        for (RevocableToken token : tokens) {
            boolean lost = cluster.nodeOf(SlotHash.getSlot(gate.recordOf(token.secret()))) == doomed;
            String replicas = RevocableToken.replicas(token.receipt());
            // A revocation may be lost if the replica does not confirm it in time, because it gets no processor time.
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

        TestGate fresh = gates.start(cluster.properties());
        await().atMost(TestCluster.LIMIT).until(() -> kept.status(fresh) == 200);
        assertThat(lasting).allSatisfy(token -> assertThat(token.status(fresh)).isEqualTo(401));
    }

    @Test
    void isCorrectAtTwoGatesWhileSlotsMove() throws IOException {
        TestCluster cluster = gates.opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        List<TestGate> pair = List.of(gates.start(cluster.properties()), gates.start(cluster.properties()));
        try (GrantLoad load = new GrantLoad(pair, customers(pair.getFirst()))) {
            load.awaitRevoked(SOME);
            List<RedisProcess> nodes = cluster.nodes();
            for (int i = 0; i < nodes.size(); i++) {
                RedisProcess from = nodes.get(i);
                cluster.move(cluster.filledSlots(from), from, nodes.get((i + 1) % nodes.size()));
                load.awaitRevoked(SOME / 2);
            }
            load.rest();
            load.assertRightAt(gates.start(cluster.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    @Test
    void isCorrectAtTwoGatesWhileANodeIsKilled() throws IOException {
        TestCluster cluster = gates.opened(new TestCluster(DocumentedRedisUserTest.clusterUser()));
        List<TestGate> pair = List.of(gates.start(cluster.properties()), gates.start(cluster.properties()));
        RedisProcess doomed = cluster.nodes().getLast();
        RedisProcess replica = cluster.addReplica(doomed);
        try (GrantLoad load = new GrantLoad(pair, customers(pair.getFirst()))) {
            load.awaitRevoked(SOME);
            doomed.kill();
            cluster.awaitPromoted(replica);
            load.awaitRevoked(SOME);
            load.rest();
            load.assertRightAt(gates.start(cluster.properties()));
            load.assertNoneWrong();
            System.out.println(load);
        }
    }

    /** Customers whose accounts are on several nodes. */
    private static List<Customer> customers(TestGate gate) {
        return IntStream.range(0, 6).mapToObj(_ -> gate.newCustomer()).toList();
    }
}
