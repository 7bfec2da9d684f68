package dev.postern.store;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestRedis.Client;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;

@OwnsItsGate
class RedisStoreTest {
    private static final StoreSettings SETTINGS = TestRedis.settings(Duration.ofSeconds(10), 4096,
            Duration.ofSeconds(10));

    @TempDir
    private static Path folder;
    private static EmbeddedRedis server;

    @BeforeAll
    static void startRedis() {
        server = EmbeddedRedis.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @BeforeEach
    void forgetEverything() {
        try (Client client = TestRedis.connect(server)) {
            get(client.store().run(RedisClusterAsyncCommands::flushall));
        }
    }

    @Test
    void returnsTheReplyOfRedis() {
        try (Client client = TestRedis.connect(server)) {
            assertThat(find(client.store().run(commands -> commands.set("lamp-1", "on")))).contains("OK");
            assertThat(find(client.store().run(commands -> commands.get("lamp-1")))).contains("on");
            assertThat(find(client.store().run(commands -> commands.get("lamp-2")))).isEmpty();
            assertThat(client.store().isConnected()).isTrue();
            assertThat(client.store().failures()).isZero();
            assertThat(client.store().inFlight()).isZero();
        }
    }

    @Test
    void runsACommandOnEachSubscription() {
        try (Client client = TestRedis.connect(server)) {
            var count = client.store().run(commands -> commands.incr("count"));

            assertThat(get(count)).isEqualTo(1);
            assertThat(get(count)).isEqualTo(2);
        }
    }

    @Test
    void reportsARecordOfAnotherTypeAsUnreadable() {
        try (Client client = TestRedis.connect(server)) {
            get(client.store().run(commands -> commands.lpush("lamp-1", "on")));

            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessage("The record lamp-1, or a related one, has the wrong Redis type.");
            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> get(Scripts.compareAndSet(client.store(), "lamp-1", "on", "off")))
                    .withMessageContaining("lamp-1");
            assertThat(client.store().failures()).isZero();
            assertThat(client.store().inFlight()).isZero();
        }
    }

    @Test
    void treatsEveryOtherErrorAsAnOutage() {
        try (Client client = TestRedis.connect(server)) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> get(client.store()
                            .run(commands -> commands.<Long>eval("no lua", ScriptOutputType.INTEGER, "key"))))
                    .withMessageStartingWith("Redis did not answer: ");
            assertThat(client.store().failures()).isPositive();
            assertThat(client.store().inFlight()).isZero();
        }
    }

    @Test
    void failsDuringAnOutageAndRecovers() {
        Path away = folder.resolve("away");
        try (EmbeddedRedis redis = EmbeddedRedis.start(away); Client client = TestRedis.connect(redis)) {
            get(client.store().run(commands -> commands.set("lamp-1", "on")));
            ProcessHandle process = redis.process().orElseThrow();
            process.destroyForcibly();
            // Between its death and its return there may be no moment in which a command can be seen to fail.
            await().atMost(LIMIT).until(() -> redis.process().filter(present -> !present.equals(process)).isPresent());

            await().atMost(LIMIT).ignoreException(StoreUnavailableException.class)
                    .untilAsserted(() -> assertThat(find(client.store().run(commands -> commands.get("lamp-1"))))
                            .contains("on"));
            assertThat(client.store().isConnected()).isTrue();
            assertThat(client.store().inFlight()).isZero();
        }
    }

    @Test
    void failsOnceRedisIsGone() {
        Path gone = folder.resolve("gone");
        EmbeddedRedis redis = EmbeddedRedis.start(gone);
        try (Client client = TestRedis.connect(redis)) {
            assertThat(new StoreHealth(client.store()).health().getStatus()).isEqualTo(Status.UP);
            redis.close();
            await().atMost(LIMIT).until(() -> !client.store().isConnected());

            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessage("The connection to Redis is lost; reconnecting");
            assertThat(client.store().failures()).isPositive();
            await().atMost(LIMIT).until(() -> client.store().inFlight() == 0);
            assertThat(new StoreHealth(client.store()).health().getStatus()).isEqualTo(Status.DOWN);
        } finally {
            redis.close();
        }
    }

    @Test
    void failsWithAReasonIfRedisWasNeverReached() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (Client client = new Client(port, "password", SETTINGS, TestRedis::admit)) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessage("Redis has not been reached yet");

            client.store().start();
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessageStartingWith("Redis cannot be reached: ");
            assertThat(client.store().isConnected()).isFalse();
            assertThat(client.store().failures()).isEqualTo(2);
            assertThat(client.store().trouble()).startsWith("Redis cannot be reached: ");
        }
    }

    @Test
    void failsWithTheWrongPassword() {
        try (Client client = new Client(server.port(), "s3cret", SETTINGS, TestRedis::admit)) {
            client.store().start();

            // Lettuce closes the connection before it reports why, and sometimes reports only that it was closed.
            await().atMost(LIMIT).untilAsserted(() -> assertThatExceptionOfType(
                    StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessageContaining("WRONGPASS")
                    .satisfies(failure -> assertThat(failure).hasMessageNotContaining("s3cret")));
        }
    }

    @Test
    void doesNotWaitLongerThanTheCommandTimeout() {
        StoreSettings hasty = TestRedis.settings(Duration.ofMillis(20), 4096, Duration.ofSeconds(10));
        try (Client client = TestRedis.connect(server, hasty, TestRedis::admit)) {
            await().atMost(LIMIT).until(client.store()::isConnected);
            // Redis holds this reply back: there is nothing to take from the list.
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.blpop(3600, "nothing"))))
                    .withMessageContaining("timed out");
            assertThat(client.store().inFlight()).isZero();
            assertThat(client.store().failures()).isPositive();
        }
    }

    @Test
    void limitsQueuedCommands() {
        StoreSettings narrow = TestRedis.settings(Duration.ofSeconds(10), 1, Duration.ofSeconds(10));
        try (Client waiting = TestRedis.connect(server, narrow, TestRedis::admit);
                Client other = TestRedis.connect(server)) {
            CompletableFuture<?> first = waiting.store().run(commands -> commands.blpop(3600, "list")).toFuture();
            assertThat(waiting.store().inFlight()).isEqualTo(1);

            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(waiting.store().run(commands -> commands.get("lamp-1"))))
                    .withMessageContaining("size exceeded");
            get(other.store().run(commands -> commands.lpush("list", "value")));
            await().atMost(LIMIT).until(first::isDone);
            assertThat(first).isCompleted();
            assertThat(waiting.store().inFlight()).isZero();
            assertThat(find(waiting.store().run(commands -> commands.get("lamp-1")))).isEmpty();
        }
    }

    @Test
    void doesNotUseARedisThatIsNotAdmitted() {
        AtomicBoolean admitted = new AtomicBoolean();
        try (Client client = TestRedis.connect(server, SETTINGS, _ -> {
            if (!admitted.get()) {
                throw new StoreUnavailableException("Not this one.");
            }
        })) {
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.set("lamp-1", "on"))))
                    .withMessage("Not this one.");
            assertThat(client.store().isConnected()).isFalse();
            assertThat(new StoreHealth(client.store()).health().getDetails()).containsEntry("trouble",
                    "Not this one.");
            try (Client other = TestRedis.connect(server)) {
                assertThat(find(other.store().run(commands -> commands.get("lamp-1")))).isEmpty();
            }

            admitted.set(true);
            await().atMost(LIMIT).until(client.store()::isConnected);
            assertThat(find(client.store().run(commands -> commands.set("lamp-1", "on")))).contains("OK");
        }
    }

    @Test
    void letsTheAdmissionCheckRedisFirst() {
        AtomicReference<RedisFuture<String>> seen = new AtomicReference<>();
        try (Client client = TestRedis.connect(server, SETTINGS, commands -> seen.set(commands.ping()))) {
            assertThat(client.store().isConnected()).isTrue();
            assertThat(seen.get().toCompletableFuture().join()).isEqualTo("PONG");
        }
    }

    @Test
    void failsAfterItWasClosed() {
        try (Client client = TestRedis.connect(server)) {
            client.store().close();

            assertThat(client.store().isConnected()).isFalse();
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> find(client.store().run(commands -> commands.get("lamp-1"))))
                    .withMessage("The gate is shutting down");
        }
    }

    @Test
    void replacesARecordOnlyIfItIsTheExpectedOne() {
        try (Client client = TestRedis.connect(server)) {
            RedisStore store = client.store();
            assertThat(get(Scripts.compareAndSet(store, "lamp-1", "on", "off"))).isFalse();
            assertThat(find(store.run(commands -> commands.get("lamp-1")))).isEmpty();

            get(store.run(commands -> commands.set("lamp-1", "on")));
            assertThat(get(Scripts.compareAndSet(store, "lamp-1", "off", "x"))).isFalse();
            assertThat(get(Scripts.compareAndSet(store, "lamp-1", "on", "off"))).isTrue();
            assertThat(find(store.run(commands -> commands.get("lamp-1")))).contains("off");
        }
    }
}
