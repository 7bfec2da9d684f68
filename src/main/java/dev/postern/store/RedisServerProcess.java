package dev.postern.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.RedisExecProvider;
import redis.embedded.util.JarUtil;

/**
 * Starts and stops {@code redis-server} as a child process, with its configuration, log and PID file in its data
 * directory.
 */
final class RedisServerProcess {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final int BUSY_ATTEMPTS = 100;
    private static final Duration BUSY_PAUSE = Duration.ofMillis(20);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Path directory;
    private final Path executable;
    private final String password;
    private final Path pidFile;

    RedisServerProcess(Path directory, Path pidFile, String password) throws IOException {
        this.directory = directory;
        this.pidFile = pidFile;
        this.password = password;
        this.executable = unpack();
    }

    /** Unlike the library's own way, this does not run {@code uname}, which a container image may not have. */
    private static Path unpack() throws IOException {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        String resource = "redis-server-" + RedisExecProvider.redisVersion + "-"
                + (system.startsWith("Mac") ? "darwin" : system.toLowerCase(Locale.ROOT)) + "-"
                + switch (processor) {
                    case "aarch64" -> "arm64";
                    case "x86_64" -> "amd64";
                    default -> processor;
                };
        if (RedisServerProcess.class.getResource("/" + resource) == null) {
            throw new IOException("There is none for " + system + " on " + processor
                    + ". Connect your own Redis: docs/how-to/redis.md");
        }
        return JarUtil.extractExecutableFromJar(resource).toPath();
    }

    /** Starts Redis; {@link #awaitReady} waits until it answers. */
    Process start(int port) throws IOException {
        Path configuration = directory.resolve("redis.conf");
        PrivateFiles.replace(configuration, configuration(port));
        return start(new ProcessBuilder(List.of(executable.toString(), configuration.toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(log().toFile())));
    }

    /**
     * Starts an executable that was written a moment ago. A child that this JVM started meanwhile may still have the
     * file open for writing, until that child executes its program. Until then, Linux refuses to start the file
     * (ETXTBSY).
     */
    static Process start(ProcessBuilder command) throws IOException {
        for (int attempt = 1;; attempt++) {
            try {
                return command.start();
            } catch (IOException failed) {
                String message = String.valueOf(failed.getMessage());
                if (attempt == BUSY_ATTEMPTS || !message.contains("Text file busy")) {
                    throw failed;
                }
                LockSupport.parkNanos(BUSY_PAUSE.toNanos());
            }
        }
    }

    private Path log() {
        return directory.resolve("redis.log");
    }

    private String configuration(int port) {
        return String.join("\n",
                "bind 127.0.0.1",
                "port " + port,
                "dir " + quoted(directory),
                // Without this setting, Redis writes a PID file only as a daemon.
                "pidfile " + quoted(pidFile),
                "daemonize no",
                "requirepass " + password,
                "appendonly yes",
                "appendfsync always",
                "save \"\"",
                "maxmemory-policy noeviction",
                "loglevel notice",
                "");
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** @throws IllegalStateException if Redis exits, or does not answer in time */
    void awaitReady(Process started, int port) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            if (!started.isAlive()) {
                throw new IllegalStateException("Redis ended while starting; see "
                        + log());
            }
            if (answers(port)) {
                PrivateFiles.replace(pidFile, Long.toString(started.pid()));
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        started.destroyForcibly();
        throw new IllegalStateException("Redis did not start within " + START_LIMIT.toSeconds() + " s");
    }

    /** Whether Redis answers a PING. While it loads its data it only reports that. */
    private boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            socket.setSoTimeout(500);
            socket.getOutputStream().write(("AUTH " + password + "\r\nPING\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] reply = socket.getInputStream().readNBytes("+OK\r\n+PONG\r\n".length());
            return new String(reply, StandardCharsets.US_ASCII).equals("+OK\r\n+PONG\r\n");
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Waits until a process that was told to stop has exited, and kills it if it takes too long. */
    static void awaitEnd(ProcessHandle handle) {
        try {
            handle.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException stillThere) {
            handle.destroyForcibly();
            handle.onExit().join();
        }
    }
}
