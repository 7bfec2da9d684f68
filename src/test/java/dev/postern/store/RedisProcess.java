package dev.postern.store;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/**
 * A process of {@code redis-server} in any role, with a configuration of its own. It ends with the test. If the JVM is
 * killed, it ends, too: a shell waits for the end of its input, which comes from the JVM, and then kills it.
 */
public final class RedisProcess implements AutoCloseable {
    private static final Path EXECUTABLE = executable();
    private static final RedisClient ADMIN = RedisClient.create();

    private final int port;
    private final Path directory;
    private final boolean encrypted;
    private final List<String> command;
    private @Nullable Process process;
    private @Nullable Process killer;

    private RedisProcess(int port, List<String> configuration, String... arguments) {
        this.port = port;
        directory = configure(configuration);
        encrypted = configuration.contains("tls-port " + port);
        command = new ArrayList<>(List.of(EXECUTABLE.toString(), directory.resolve("redis.conf").toString()));
        command.addAll(List.of(arguments));
    }

    /** A server that keeps nothing on disk, unless the configuration says otherwise. */
    public static RedisProcess server(int port, String... configuration) {
        List<String> lines = new ArrayList<>(List.of("port " + port, "save \"\"", "repl-diskless-sync-delay 0",
                "enable-debug-command local"));
        lines.addAll(List.of(configuration));
        return new RedisProcess(port, lines).start();
    }

    /** A sentinel. */
    static RedisProcess sentinel(int port, String... configuration) {
        List<String> lines = new ArrayList<>(List.of("port " + port));
        lines.addAll(List.of(configuration));
        return new RedisProcess(port, lines, "--sentinel").start();
    }

    private static Path configure(List<String> lines) {
        try {
            Path directory = Files.createTempDirectory(Path.of("target"), "redis-").toAbsolutePath();
            List<String> all = new ArrayList<>(List.of("bind 127.0.0.1", "dir " + directory,
                    "logfile " + directory.resolve("redis.log")));
            all.addAll(lines);
            Files.write(directory.resolve("redis.conf"), all);
            return directory;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path executable() {
        try {
            return RedisExecProvider.defaultProvider().get().toPath();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** This many different ports on which nobody listens. */
    public static int[] freePorts(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                ports[i] = held.getLast().getLocalPort();
            }
            return ports;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } finally {
            held.forEach(RedisProcess::release);
        }
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Starts it. If it ran before, it has the configuration and the data that it left. */
    RedisProcess start() {
        try {
            Process started = RedisServerProcess.start(new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile())));
            process = started;
            killer = new ProcessBuilder("sh", "-c", "read -r _; kill -9 " + started.pid()).start();
            awaitListening(started);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void awaitListening(Process started) {
        long end = System.nanoTime() + TestRedis.LIMIT.toNanos();
        while (!isListening()) {
            if (!started.isAlive() || System.nanoTime() > end) {
                close();
                throw new IllegalStateException("Redis does not start; see " + directory);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            if (encrypted) {
                return true;
            }
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            int first = socket.getInputStream().read();
            // The reply may be an error, for example because Redis wants a password. Any other process that got the
            // port says something else.
            return first == '+' || first == '-';
        } catch (IOException notYet) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Where it runs, with its log in {@code redis.log}. */
    public Path directory() {
        return directory;
    }

    /** Runs commands on it. */
    public <T> T ask(Function<RedisCommands<String, String>, T> question) {
        return ask(RedisURI.create("127.0.0.1", port), question);
    }

    <T> T ask(RedisURI uri, Function<RedisCommands<String, String>, T> question) {
        uri.setTimeout(TestRedis.LIMIT);
        try (StatefulRedisConnection<String, String> connection = ADMIN.connect(uri)) {
            return question.apply(connection.sync());
        }
    }

    /**
     * Waits until its only replica has what this server has now. What the replica does not have is lost with this
     * server.
     */
    public void awaitReplicated() {
        long offset = number(ask(commands -> commands.info("replication")), "master_repl_offset:");
        await().atMost(TestRedis.LIMIT).until(() -> {
            String replication = ask(commands -> commands.info("replication"));
            return replication.contains("state=online") && number(replication, ",offset=") >= offset;
        });
    }

    private static long number(String text, String label) {
        Matcher number = Pattern.compile(Pattern.quote(label) + "(\\d+)").matcher(text);
        return number.find() ? Long.parseLong(number.group(1)) : -1;
    }

    /** Ends it at once, as when its machine loses power. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            awaitEnd(running);
        }
        Process waiting = killer;
        if (waiting != null) {
            waiting.destroyForcibly();
        }
    }

    /** Stands still, and keeps its connections, until {@link #resume()}. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        try {
            Process sent = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + running.pid()).inheritIO().start();
            awaitEnd(sent);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void awaitEnd(Process ending) {
        try {
            if (!ending.waitFor(TestRedis.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(ending + " does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
