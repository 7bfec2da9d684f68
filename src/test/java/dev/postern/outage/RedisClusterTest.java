package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.documents.DocumentedRedisUserTest;
import dev.postern.license.LicenseWatch;
import dev.postern.store.RedisProcess;
import dev.postern.store.TestCluster;
import dev.postern.support.EveryScript;
import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RecordingBackend;
import dev.postern.support.SteadyLoad;
import dev.postern.support.SteadyLoad.Question;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gate on a Redis Cluster: its scripts, and what it answers while slots move and nodes come and go. */
@Timeout(300)
@LongTest
@OwnsItsGate
@Order(2)
class RedisClusterTest {
    private static final int SOME = 200;

    private final RecordingBackend backend = new RecordingBackend();
    private final TestCluster cluster;
    private final TestGate gate;
    private final List<Customer> customers = new ArrayList<>();
    private final List<Question> questions = new ArrayList<>();

    RedisClusterTest() throws IOException {
        cluster = new TestCluster(DocumentedRedisUserTest.clusterUser());
        gate = TestGate.start(Stream.of(cluster.properties(), EveryScript.properties(new TestIssuer()),
                new String[]{"postern.backend=" + backend.address()}).flatMap(Stream::of).toArray(String[]::new));
    }

    /** Makes so many accounts that each node has the records of at least one. */
    @BeforeEach
    void makeAccounts() {
        List<RedisProcess> without = new ArrayList<>(cluster.nodes());
        while (!without.isEmpty() && customers.size() < 100) {
            Customer customer = gate.newCustomer();
            customers.add(customer);
            questions.addAll(Question.of(customer));
            without.remove(nodeOf(customer));
        }
        assertThat(without).as("nodes without an account").isEmpty();
    }

    @AfterEach
    void close() {
        gate.close();
        cluster.close();
        backend.close();
    }

    @Test
    void runsEveryScript() throws IOException {
        EveryScript.useDevicesAndLicenses(gate);
        EveryScript.useCredentials(gate);
        gate.context().getBean(LicenseWatch.class).look().block(TestCluster.LIMIT);
        // Active devices are written a moment later, but not those of accounts that are deleted by then.
        questions.forEach(question -> assertThat(question.status(gate)).isEqualTo(question.right()));

        await().atMost(TestCluster.LIMIT).untilAsserted(
                // A gate asks which server it is on only if there is only one server.
                () -> assertThat(EveryScript.unknownTo(cluster.nodes())).as("scripts that were not run")
                        .isSubsetOf("which-server.lua"));
        assertThat(cluster.askAll(RedisCommands::aclLog)).as("what the user was refused")
                .allSatisfy(log -> assertThat(log).isEmpty());
    }

    @Test
    void loadsMissingScriptsIntoANode() {
        for (int round = 0; round < 2; round++) {
            cluster.askAll(RedisCommands::scriptFlush);
            questions.forEach(
                    question -> assertThat(question.status(gate)).as("%s", question).isEqualTo(question.right()));
        }
    }

    @Test
    void answersCorrectlyWhileSlotsMove() {
        try (SteadyLoad load = new SteadyLoad(gate, questions)) {
            load.awaitRight(SOME);
            List<RedisProcess> nodes = cluster.nodes();
            for (int i = 0; i < nodes.size(); i++) {
                moveAll(nodes.get(i), nodes.get((i + 1) % nodes.size()));
                customers.forEach(load::revokeOne);
            }
            RedisProcess added = cluster.add();
            for (RedisProcess node : nodes) {
                moveAll(node, added);
                customers.forEach(load::revokeOne);
            }
            load.awaitHealed();
            load.awaitRight(SOME);

            load.assertNoneWrong();
        }
    }

    @Test
    void continuesWithTheReplicaOfAKilledPrimary() {
        goesOnWithTheReplicaOf(nodeOf(customers.getFirst()), RedisProcess::kill);
    }

    @Test
    void continuesWithTheReplicaOfAHangingPrimary() {
        RedisProcess stopped = nodeOf(customers.getFirst());
        goesOnWithTheReplicaOf(stopped, RedisProcess::pause);
    }

    private void goesOnWithTheReplicaOf(RedisProcess doomed, Consumer<RedisProcess> end) {
        RedisProcess replica = cluster.addReplica(doomed);
        try (SteadyLoad load = new SteadyLoad(gate, questions)) {
            load.awaitRight(SOME);
            cluster.awaitReplicated(doomed);
            end.accept(doomed);
            cluster.awaitPromoted(replica);
            load.awaitHealed();
            load.awaitRight(SOME);
            // A primary that hung finds out now that it is a replica.
            doomed.resume();
            customers.forEach(load::revokeOne);
            load.awaitRight(SOME);

            load.assertNoneWrong();
        }
    }

    private void moveAll(RedisProcess from, RedisProcess to) {
        cluster.move(cluster.filledSlots(from), from, to);
    }

    private RedisProcess nodeOf(Customer customer) {
        return cluster.nodeOf(SlotHash.getSlot("postern:{" + customer.account() + "}:account"));
    }
}
