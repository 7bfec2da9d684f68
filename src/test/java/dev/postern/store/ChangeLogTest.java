package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestRedisServer;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What is logged if nobody knows whether a change was made. */
@OwnsItsGate
class ChangeLogTest {
    private static final StoreSettings PATIENT = TestRedis.settings(Duration.ofSeconds(10), 4096,
            Duration.ofSeconds(1));
    private static final StoreSettings IMPATIENT = TestRedis.settings(Duration.ofMillis(300), 4096,
            Duration.ofSeconds(1));
    private static final String LAMP = "postern:lamp";

    private final TestRedisServer server = new TestRedisServer();
    private final TestRedis.Client client = TestRedis.follow(server.port(), PATIENT);
    private final RedisStore redis = client.store();
    private final ChangeLog changes = redis.changes();

    @BeforeEach
    void writeSomething() {
        TestRedis.get(changes.making(redis.run(commands -> commands.set(LAMP, "on")), LAMP));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private Mono<String> change() {
        return change(redis);
    }

    private static Mono<String> change(RedisStore redis) {
        return redis.changes().changing(redis.run(commands -> commands.set(LAMP, "off")), LAMP);
    }

    private long known() {
        return changes.view().generation(ChangeView.stripe(LAMP));
    }

    private long logged() {
        return Optional.ofNullable(redis.run(commands -> commands.hget(ChangeLog.HEAD, "count")).block())
                .map(Long::parseLong).orElseThrow();
    }

    /** Nothing can have changed, so what is remembered stays valid in the outage. */
    @Test
    void recordsNothingIfNothingWasSent() {
        server.stop();
        await().until(() -> !redis.isConnected());
        long before = known();

        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> change().block());
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> changes.changing(change(), "postern:house").block());

        assertThat(known()).isEqualTo(before);
        assertThat(changes.unsent()).isZero();
    }

    @Test
    void recordsAChangeIfACommandWasSentBeforeTheOutage() {
        long before = known();
        // This also holds if the change that was sent is part of another change, and the rest of that was not sent.
        Mono<String> part = changes.changing(redis.run(commands -> commands.set(LAMP, "off"))
                .publishOn(Schedulers.boundedElastic()).doOnNext(_ -> {
                    server.stop();
                    await().until(() -> !redis.isConnected());
                }), "postern:part").then(redis.run(commands -> commands.set(LAMP, "red")));

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> changes.changing(part, LAMP).block());

        assertThat(known()).isGreaterThan(before);
        assertThat(changes.unsent()).isPositive();
        server.start();
        await().atMost(TestRedis.LIMIT).until(() -> changes.unsent() == 0);
    }

    /** By the time that a creation is logged, somebody else may have revoked what was created. */
    @Test
    void logsALateCreationAsAMereChange() {
        Mono<String> made = changes.making(redis.run(commands -> commands.set(LAMP, "blue"))
                .publishOn(Schedulers.boundedElastic()).doOnNext(_ -> {
                    server.stop();
                    await().until(() -> !redis.isConnected());
                }), LAMP);
        assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(made::block);
        changes.view().recordRevoked(LAMP, "digest of what it was");

        server.start();

        await().atMost(TestRedis.LIMIT).until(() -> changes.unsent() == 0);
        assertThat(redis.run(commands -> commands.xrevrange(ChangeLog.LOG, Range.unbounded(), Limit.from(1))).block())
                .singleElement().satisfies(entry -> assertThat(entry.getBody()).containsExactly(entry(LAMP, "c")));
    }

    /** The log keeps its entries, so it can be followed. */
    @Test
    void isFollowedThoughRedisAcceptsNoWrites() {
        redis.run(commands -> commands.configSet("min-replicas-to-write", "1")).block();

        await().during(Duration.ofSeconds(3)).atMost(TestRedis.LIMIT)
                .until(() -> changes.view().state() == StoreState.LIVE);
    }

    @Test
    void isFollowedThoughTheGatesKeyIsOverwritten() {
        redis.run(commands -> commands.del(Gates.GATES, Gates.BEATS)).block();
        redis.run(commands -> commands.set(Gates.GATES, "by hand")).block();
        redis.run(commands -> commands.set(Gates.BEATS, "by hand")).block();

        await().atMost(TestRedis.LIMIT).ignoreExceptions()
                .until(() -> new Gates(redis).list().blockOptional().orElseThrow().size() == 1
                        && changes.view().state() == StoreState.LIVE);
    }

    /** A Redis that hung goes on with the commands that it had received, perhaps after it was told of the change. */
    @Test
    void logsAChangeAgainIfItMayBeLate() {
        try (TestRedis.Client impatient = TestRedis.follow(server.port(), IMPATIENT)) {
            ChangeLog late = impatient.store().changes();
            long before = logged();
            server.signal("STOP");
            try {
                assertThatExceptionOfType(StoreUnavailableException.class)
                        .isThrownBy(() -> change(impatient.store()).block());
                assertThat(late.unsent()).isEqualTo(1);
            } finally {
                server.signal("CONT");
            }

            await().atMost(TestRedis.LIMIT).until(() -> late.unsent() == 0);
            // If the answer to one of the log entries comes too late, the change is logged once more.
            await().atMost(TestRedis.LIMIT).ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                    .until(() -> logged() >= before + 2);
        }
    }
}
