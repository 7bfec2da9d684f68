package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.store.Replication.Replicas;
import dev.postern.support.Cable;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A primary with replicas, whose connection to it can be slow. */
@Timeout(120)
@OwnsItsGate
class ReplicationTest {
    private static final String RECORD = "postern:credential:of-a-test";
    private static final Duration LAG = Duration.ofMillis(20);
    private static final int ROUNDS = 20;
    /** The part of the half second that a wait takes, within which the test must cut the connection. */
    private static final Duration IN_TIME = Duration.ofMillis(300);

    private final Cable link = new Cable(LAG);
    private final int[] ports = RedisProcess.freePorts(2);
    private final RedisProcess primary = RedisProcess.server(ports[0]);
    private final List<RedisProcess> replicas = new ArrayList<>();
    private final TestRedis.Client client = TestRedis.connect(ports[0]);
    private final RedisStore redis = client.store();
    private final Replication replication = new Replication(redis);

    @AfterEach
    void close() {
        replication.close();
        client.close();
        link.close();
        replicas.forEach(RedisProcess::close);
        primary.close();
    }

    private RedisProcess addReplica() {
        link.leadTo(ports[0]);
        RedisProcess replica = RedisProcess.server(ports[1], "replicaof 127.0.0.1 " + link.port());
        replicas.add(replica);
        primary.awaitReplicated();
        return replica;
    }

    private void write() {
        redis.run(commands -> commands.set(RECORD, "{}")).block();
    }

    private Mono<String> end() {
        return redis.changes().ending(redis.run(commands -> commands.getdel(RECORD)), RECORD);
    }

    private Mono<Replicas> endAndConfirm() {
        return replication.collecting(end().then(replication.confirm()));
    }

    /**
     * The replica has half a second, in which a machine may stand still. If the replica does not confirm for that
     * reason, the call is made again.
     */
    private static void awaitConfirmed(Callable<@Nullable Replicas> call) {
        awaitAnswer(counts(1, 1), call);
    }

    private static void awaitAnswer(Replicas answer, Callable<@Nullable Replicas> call) {
        await().atMost(TestRedis.LIMIT).pollDelay(Duration.ZERO).until(() -> {
            Replicas given = call.call();
            assertThat(given).isIn(answer, new Replicas(answer.connected(), OptionalInt.of(0), answer.expected()));
            return answer.equals(given);
        });
    }

    private static Replicas counts(int connected, int confirmed) {
        return new Replicas(OptionalInt.of(connected), OptionalInt.of(confirmed), connected);
    }

    @Test
    void waitsForNothingWithoutReplicas() {
        for (int i = 0; i < 100; i++) {
            write();
            assertThat(endAndConfirm().block()).isEqualTo(counts(0, 0));
        }

        assertThat(calls("set")).as("marks").isEqualTo(100);
        assertThat(calls("wait")).isZero();
        assertThat(replication.unconfirmed()).isZero();
    }

    /**
     * As soon as the deletion of a record is answered, the replica must not have the record, unless the answer counts
     * as unconfirmed.
     */
    @Test
    void answersOnceTheReplicaHasTheChange() {
        RedisProcess replica = addReplica();
        for (int i = 0; i < ROUNDS; i++) {
            long unconfirmed = replication.unconfirmed();
            write();
            primary.awaitReplicated();
            assertThat(replica.<Long>ask(commands -> commands.exists(RECORD))).isOne();

            assertThat(replication.confirmed(end()).block()).isEqualTo("{}");

            if (replication.unconfirmed() == unconfirmed) {
                assertThat(replica.<Long>ask(commands -> commands.exists(RECORD))).isZero();
            }
        }
        assertThat(replication.unconfirmed()).isLessThan(ROUNDS / 2);
    }

    @Test
    void reportsAReplicaThatDoesNotAnswer() {
        RedisProcess replica = addReplica();
        write();
        replica.pause();

        assertThat(endAndConfirm().block()).isEqualTo(counts(1, 0));

        assertThat(replication.unconfirmed()).isOne();
        replica.resume();
        primary.awaitReplicated();
        awaitConfirmed(() -> {
            write();
            return endAndConfirm().block();
        });
    }

    /** Calls that come during a wait share the next one. */
    @Test
    void sharesTheNextConfirmationAmongWaitingCalls() {
        addReplica();

        awaitConfirmed(() -> {
            int before = calls("wait");
            List<Replicas> all = Flux.range(0, 300).flatMap(_ -> replication.confirm(), 300).collectList()
                    .blockOptional().orElseThrow();

            assertThat(all).hasSize(300);
            assertThat(calls("wait") - before).isLessThan(50);
            return all.stream().reduce(counts(1, 1), Replicas::worse);
        });
    }

    /** A new connection has written nothing, and Redis would at once say on it that all is well. */
    @Test
    void writesAgainIfItsConnectionIsLost() throws Exception {
        RedisProcess replica = addReplica();
        awaitConfirmed(() -> replication.confirm().block());
        // On a slow machine, the test may see the wait only when it is almost over.
        await().atMost(TestRedis.LIMIT).pollDelay(Duration.ZERO).until(() -> losesItsConnectionInTime(replica));
    }

    private boolean losesItsConnectionInTime(RedisProcess replica) throws Exception {
        write();
        replica.pause();
        try {
            long began = System.nanoTime();
            CompletableFuture<@Nullable Replicas> waiting = endAndConfirm().toFuture();
            primary.<Object>ask(commands -> {
                long client = await().atMost(TestRedis.LIMIT).pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> blocked(commands), found -> found > 0 || waiting.isDone());
                return client == 0 ? 0 : commands.clientKill(KillArgs.Builder.id(client));
            });
            if (System.nanoTime() - began > IN_TIME.toNanos()) {
                waiting.exceptionally(_ -> null).get(20, TimeUnit.SECONDS);
                return false;
            }
            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(counts(1, 0));
            return true;
        } finally {
            replica.resume();
            primary.awaitReplicated();
        }
    }

    /** The ID of the client that waits for replicas; 0 if none does. */
    private static long blocked(RedisCommands<String, String> commands) {
        return commands.clientList().lines().filter(line -> line.contains(" flags=b") && line.contains("cmd=wait"))
                .map(line -> Long.valueOf(line.replaceFirst("id=(\\d+) .*", "$1"))).findFirst().orElse(0L);
    }

    @Test
    void failsIfThePrimaryIsGone() {
        RedisProcess replica = addReplica();
        awaitConfirmed(() -> replication.confirm().block());
        long unconfirmed = replication.unconfirmed();
        write();
        replica.pause();
        Mono<Replicas> confirm = replication.collecting(end().publishOn(Schedulers.boundedElastic())
                .doOnNext(_ -> primary.kill()).then(replication.confirm()));

        assertThatThrownBy(confirm::block).isInstanceOf(StoreUnavailableException.class);

        assertThat(replication.unconfirmed()).isEqualTo(unconfirmed + 1);
    }

    @Test
    void detectsAnUndoneRevocation() {
        addReplica();
        write();
        Mono<Replicas> confirm = replication.collecting(end()
                .then(redis.run(commands -> commands.set(RECORD, "{}"))).then(replication.confirm()));

        assertThatThrownBy(confirm::block).isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("gone back");

        Mono<Replicas> another = replication.collecting(end()
                .then(redis.run(commands -> commands.set(RECORD, "another"))).then(replication.confirm()));
        awaitConfirmed(() -> {
            write();
            return another.block();
        });
    }

    /** A server took over that had not been told of the change, and only the log shows that. */
    @Test
    void detectsThatTheLogIsBehindTheChange() {
        addReplica();
        Mono<Long> change = redis.changes()
                .changing(redis.run(commands -> commands.hset("postern:{acme}:users", "u", "{}"))
                        .map(_ -> 1L), "postern:{acme}:users");
        awaitConfirmed(() -> replication.collecting(change.then(replication.confirm())).block());

        Mono<Replicas> undone = replication.collecting(change.then(redis.run(
                commands -> commands.hincrby(ChangeLog.HEAD, "count", -1))).then(replication.confirm()));
        assertThatThrownBy(undone::block).isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("gone back");
        Mono<Replicas> another = replication.collecting(change.then(redis.run(
                commands -> commands.hset(ChangeLog.HEAD, "id", "another"))).then(replication.confirm()));
        assertThatThrownBy(another::block).isInstanceOf(StoreUnavailableException.class);
    }

    /** An account that is deleted may end thousands of records, in as many slots. */
    @Test
    void confirmsManyChangesWithFewCommands() {
        addReplica();
        Mono<Replicas> confirm = replication.collecting(Flux.range(0, 5000)
                .flatMap(number -> redis.run(commands -> commands.set(RECORD + number, "{}"))
                        .then(redis.changes().ending(redis.run(commands -> commands.getdel(RECORD + number)),
                                RECORD + number)),
                        100)
                .then(replication.confirm()));

        // The replica may not be able to take so many changes in time.
        assertThat(confirm.blockOptional().orElseThrow().connected()).hasValue(1);

        assertThat(calls("wait")).isOne();
        int before = calls("set");
        assertThat(before).as("marks besides the records").isLessThanOrEqualTo(5000 + 10);
    }

    /**
     * As for some seconds after a failover by sentinels: the replica is a primary, and the old primary has not been
     * told.
     */
    @Test
    void reportsAReplicaThatNoLongerFollows() {
        RedisProcess replica = addReplica();
        // The follower of the log has seen the replica, although nobody has changed anything yet.
        await().atMost(TestRedis.LIMIT).until(() -> redis.expectedReplicas().with(-1) == 1);
        long before = replication.unconfirmed();

        replica.ask(commands -> commands.replicaofNoOne());
        await().atMost(TestRedis.LIMIT).until(
                () -> !primary.<String>ask(commands -> commands.info("replication")).contains("state=online"));
        for (int i = 0; i < 3; i++) {
            write();
            Replicas left = endAndConfirm().blockOptional().orElseThrow();
            assertThat(left).isEqualTo(new Replicas(OptionalInt.of(0), OptionalInt.of(0), 1));
            assertThat(left.isShort()).isTrue();
        }
        assertThat(replication.unconfirmed() - before).isEqualTo(3);
    }

    @Test
    void forgetsARemovedReplica() {
        AtomicLong time = new AtomicLong(-7);
        ExpectedReplicas expected = new ExpectedReplicas(time::get);
        assertThat(expected.with(0)).isZero();
        assertThat(expected.with(2)).isEqualTo(2);
        time.addAndGet(ExpectedReplicas.LATELY.toNanos());
        assertThat(expected.with(1)).as("within the time").isEqualTo(2);
        time.addAndGet(1);
        assertThat(expected.with(1)).as("after it").isEqualTo(1);
        assertThat(expected.with(-1)).as("where nobody knows").isEqualTo(1);
    }

    @Test
    void reportsNothingWithoutPermissionToAsk() {
        addReplica();
        await().atMost(TestRedis.LIMIT).until(() -> redis.expectedReplicas().with(-1) == 1);
        primary.<String>ask(commands -> commands.aclSetuser("default",
                AclSetuserArgs.Builder.removeCommand(CommandType.INFO)));
        awaitAnswer(new Replicas(OptionalInt.empty(), OptionalInt.of(1), 1), () -> {
            write();
            return endAndConfirm().block();
        });

        primary.<String>ask(commands -> commands.aclSetuser("default",
                AclSetuserArgs.Builder.removeCommand(CommandType.WAIT)));
        Replicas unknown = endAndConfirm().blockOptional().orElseThrow();
        assertThat(unknown).isEqualTo(Replicas.UNKNOWN);
        assertThat(unknown.isShort()).isTrue();
    }

    private int calls(String command) {
        Matcher calls = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)")
                .matcher(primary.ask(commands -> commands.info("commandstats")));
        return calls.find() ? Integer.parseInt(calls.group(1)) : 0;
    }
}
