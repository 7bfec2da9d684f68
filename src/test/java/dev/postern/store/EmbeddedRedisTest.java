package dev.postern.store;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestRedis.Client;
import dev.postern.support.OwnsItsGate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class EmbeddedRedisTest {
    @TempDir
    private Path folder;

    @Test
    void keepsItsDataOverARestart() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder); Client client = TestRedis.connect(redis)) {
            set(client, "lamp-1", "on");
        }
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder); Client client = TestRedis.connect(redis)) {
            assertThat(find(client.store().run(commands -> commands.get("lamp-1")))).contains("on");
        }
    }

    @Test
    void createsItsFolder() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder.resolve("a b").resolve("\"quoted\""))) {
            assertThat(redis.process()).get().matches(ProcessHandle::isAlive);
            assertThat(folder.resolve("a b").resolve("\"quoted\"").resolve("redis.conf")).exists();
        }
    }

    @Test
    void doesNotShareItsFolder() {
        try (EmbeddedRedis first = EmbeddedRedis.start(folder)) {
            assertThatIllegalStateException().isThrownBy(() -> EmbeddedRedis.start(folder))
                    .withMessage("Another Postern uses " + folder.toAbsolutePath()
                            + ". Stop it, or give this one its own directory with postern.data-dir");
            assertThat(first.process()).get().matches(ProcessHandle::isAlive);
        }
    }

    @Test
    void doesNotShareItsFolderWithAnotherProcess() throws IOException, InterruptedException {
        Process owner = startOwner();
        try {
            long redis = redisOf(owner).pid();
            assertThatIllegalStateException().isThrownBy(() -> EmbeddedRedis.start(folder))
                    .withMessageContaining("postern.data-dir");
            assertThat(ProcessHandle.of(redis)).get().matches(ProcessHandle::isAlive);
        } finally {
            owner.getOutputStream().close();
            assertThat(owner.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void releasesItsFolderAndProcessWhenItIsClosed() {
        EmbeddedRedis redis = EmbeddedRedis.start(folder);
        ProcessHandle process = redis.process().orElseThrow();
        redis.close();

        assertThat(process.isAlive()).isFalse();
        assertThat(folder.resolve("redis.pid")).doesNotExist();
        try (EmbeddedRedis next = EmbeddedRedis.start(folder)) {
            assertThat(next.process()).get().matches(ProcessHandle::isAlive);
        }
    }

    @Test
    void doesNotRestartAfterItIsClosed() {
        EmbeddedRedis redis = EmbeddedRedis.start(folder);
        redis.close();
        redis.close();

        assertThat(redis.process()).get().matches(process -> !process.isAlive());
    }

    @Test
    void stopsAnOrphanedRedisAndKeepsItsData() throws IOException, InterruptedException {
        Process owner = startOwner();
        Left left = redisOf(owner);
        ProcessHandle orphan = ProcessHandle.of(left.pid()).orElseThrow();
        try {
            try (Client client = new Client(left.port(), left.password(), TestRedis.settings(LIMIT, 16, LIMIT),
                    _ -> {})) {
                client.store().start();
                set(client, "lamp-1", "on");
            }
            assertThat(owner.destroyForcibly().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(orphan.isAlive()).as("Redis outlives its killed owner").isTrue();

            try (EmbeddedRedis redis = EmbeddedRedis.start(folder); Client client = TestRedis.connect(redis)) {
                assertThat(orphan.isAlive()).isFalse();
                assertThat(redis.process()).get().extracting(ProcessHandle::pid).isNotEqualTo(left.pid());
                assertThat(find(client.store().run(commands -> commands.get("lamp-1")))).contains("on");
            }
        } finally {
            owner.destroyForcibly();
            orphan.destroyForcibly();
        }
    }

    @Test
    void doesNotKillAnUnrelatedProcessWithARecycledPid() throws IOException {
        Path other = folder.resolve("other");
        Path mine = folder.resolve("mine");
        try (EmbeddedRedis stranger = EmbeddedRedis.start(other)) {
            ProcessHandle process = stranger.process().orElseThrow();
            Files.createDirectories(mine);
            Files.writeString(mine.resolve("redis.pid"), Long.toString(process.pid()));
            try (EmbeddedRedis redis = EmbeddedRedis.start(mine)) {
                assertThat(process.isAlive()).isTrue();
                assertThat(redis.process()).get().extracting(ProcessHandle::pid).isNotEqualTo(process.pid());
            }
        }
    }

    @Test
    void toleratesAPidFileWithoutANumber() throws IOException {
        Files.writeString(folder.resolve("redis.pid"), "not a number");
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            assertThat(Files.readString(folder.resolve("redis.pid")).strip())
                    .isEqualTo(Long.toString(redis.process().orElseThrow().pid()));
        }
    }

    @Test
    void restartsOnTheSamePortAfterItsProcessIsKilled() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder); Client client = TestRedis.connect(redis)) {
            int port = redis.port();
            set(client, "lamp-1", "on");
            ProcessHandle killed = redis.process().orElseThrow();
            killed.destroyForcibly();

            await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
                assertThat(redis.process()).get().isNotEqualTo(killed).matches(ProcessHandle::isAlive);
                assertThat(find(client.store().run(commands -> commands.get("lamp-1")))).contains("on");
            });
            assertThat(redis.port()).isEqualTo(port);
        }
    }

    @Test
    void restartsAsOftenAsItIsKilled() {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            for (int round = 0; round < 3; round++) {
                ProcessHandle killed = redis.process().orElseThrow();
                killed.destroyForcibly();
                await().atMost(LIMIT).untilAsserted(() -> assertThat(redis.process()).get().isNotEqualTo(killed));
                await().atMost(LIMIT).untilAsserted(() -> assertThat(reply(redis.port(),
                        "AUTH " + redis.password())).isEqualTo("+OK"));
            }
        }
    }

    @Test
    void requiresThePassword() throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            assertThat(reply(redis.port(), "PING")).startsWith("-NOAUTH");
            assertThat(reply(redis.port(), "AUTH wrong")).startsWith("-WRONGPASS");
            assertThat(reply(redis.port(), "AUTH " + redis.password())).isEqualTo("+OK");
        }
    }

    @Test
    void hasAnotherPasswordAtEachStart() {
        String first;
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            first = redis.password();
        }
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            assertThat(redis.password()).matches("[A-Za-z0-9_-]{32}").isNotEqualTo(first);
        }
    }

    @Test
    void keepsItsPasswordReadableByItsOwnerOnly() throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
            Path configuration = folder.resolve("redis.conf");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(configuration)))
                    .isEqualTo("rw-------");
            assertThat(configuration).content().contains("requirepass " + redis.password(), "bind 127.0.0.1",
                    "appendonly yes", "appendfsync always");
            assertThat(redis.process().orElseThrow().info().commandLine().orElse("")).doesNotContain(redis.password());
        }
    }

    @Test
    void keepsItsFolderAccessibleToItsOwnerOnly() throws IOException {
        Path made = folder.resolve("above").resolve("made");
        try (EmbeddedRedis redis = EmbeddedRedis.start(made)) {
            assertThat(redis.process()).get().matches(ProcessHandle::isAlive);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made))).isEqualTo("rwx------");
        }
    }

    @Test
    void explainsWhyItCannotBeStarted() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatIllegalStateException().isThrownBy(() -> EmbeddedRedis.start(file))
                .withMessageStartingWith("The embedded Redis cannot be started in " + file.toAbsolutePath());
    }

    private static void set(Client client, String key, String value) {
        assertThat(find(client.store().run(commands -> commands.set(key, value)))).contains("OK");
    }

    private static String reply(int port, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            String line = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
            return line == null ? "" : line;
        }
    }

    private Process startOwner() throws IOException {
        return new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), RedisOwner.class.getName(), folder.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static Left redisOf(Process owner) throws IOException {
        String line = new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
        assertThat(line).as("what the owner says of its Redis").isNotNull();
        String[] parts = line.split(" ", -1);
        return new Left(Integer.parseInt(parts[0]), parts[1], Long.parseLong(parts[2]));
    }

    private record Left(int port, String password, long pid) {}
}
