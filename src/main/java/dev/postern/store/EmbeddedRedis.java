package dev.postern.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.RedisExecProvider;

/**
 * A real Redis as a child process, for a gate to which no other was given. It listens on loopback with a password, and
 * keeps its data in an append-only file that is synced at every write. If it dies it is started again on the same port.
 */
public final class EmbeddedRedis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Duration RESTART_DELAY = Duration.ofMillis(200);
    private static final int START_ATTEMPTS = 5;

    private final Path directory;
    private final String password;
    private final Path executable;
    private final FileChannel lockChannel;
    private final FileLock lock;
    private final Thread shutdownHook = new Thread(() -> stopping = true, "postern-redis-stopping");
    private int port;
    private volatile @Nullable Process process;
    private volatile boolean stopping;

    private EmbeddedRedis(Path directory, FileChannel lockChannel, FileLock lock) throws IOException {
        this.directory = directory;
        this.lockChannel = lockChannel;
        this.lock = lock;
        this.password = randomPassword();
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        this.executable = RedisExecProvider.defaultProvider().get().toPath();
    }

    /**
     * Starts Redis on a free port.
     *
     * @param directory where its data is, and stays
     * @throws IllegalStateException if another gate uses the directory, or Redis does not start; the message says which
     */
    public static EmbeddedRedis start(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            PrivateFiles.createFolder(absolute);
            FileChannel channel = FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new IllegalStateException("Another Postern uses " + absolute
                        + ". Stop it, or give this one a place of its own with postern.data-dir");
            }
            EmbeddedRedis redis = new EmbeddedRedis(absolute, channel, lock);
            try {
                redis.endOrphan();
                redis.startOnFreePort();
            } catch (IOException | RuntimeException failed) {
                redis.close();
                throw failed;
            }
            return redis;
        } catch (IOException failed) {
            throw new IllegalStateException("The embedded Redis cannot be started in " + absolute + ": "
                    + failed.getMessage(), failed);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    /** A gate that was killed leaves its Redis behind; two of them on one append-only file would ruin it. */
    private void endOrphan() throws IOException {
        Path pidFile = directory.resolve("redis.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<ProcessHandle> orphan = parsePid(Files.readString(pidFile)).flatMap(ProcessHandle::of)
                .filter(this::isOurRedis);
        if (orphan.isPresent()) {
            LOG.info("Ending the Redis that an earlier Postern left behind in {}", directory);
            orphan.get().destroy();
            awaitEnd(orphan.get());
        }
        Files.deleteIfExists(pidFile);
    }

    private static Optional<Long> parsePid(String text) {
        try {
            return Optional.of(Long.valueOf(text.strip()));
        } catch (NumberFormatException notAPid) {
            return Optional.empty();
        }
    }

    private boolean isOurRedis(ProcessHandle handle) {
        // Redis writes its address over its arguments, so that its working directory has to tell whose it is.
        boolean redis = handle.info().command().map(command -> command.contains("redis-server")).orElse(false);
        Path workingDirectory = Path.of("/proc", Long.toString(handle.pid()), "cwd");
        try {
            return redis && (!Files.exists(Path.of("/proc"))
                    || workingDirectory.toRealPath().equals(directory.toRealPath()));
        } catch (IOException unknown) {
            return false;
        }
    }

    private static void awaitEnd(ProcessHandle handle) {
        try {
            handle.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException stillThere) {
            handle.destroyForcibly();
            handle.onExit().join();
        }
    }

    private void startOnFreePort() throws IOException {
        for (int attempt = 1;; attempt++) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            try {
                launch();
                return;
            } catch (IllegalStateException portTakenMeanwhile) {
                if (attempt == START_ATTEMPTS) {
                    throw portTakenMeanwhile;
                }
            }
        }
    }

    private synchronized void launch() throws IOException {
        if (stopping) {
            return;
        }
        Path configuration = directory.resolve("redis.conf");
        PrivateFiles.replace(configuration, configuration());
        Process started = new ProcessBuilder(List.of(executable.toString(), configuration.toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(directory.resolve("redis.log").toFile()))
                .start();
        process = started;
        awaitReady(started);
        // Not at once: a signal to all of a terminal's processes ends Redis first and the gate a moment later.
        var _ = started.onExit().thenAcceptAsync(_ -> restart(),
                CompletableFuture.delayedExecutor(RESTART_DELAY.toMillis(),
                        TimeUnit.MILLISECONDS));
    }

    private String configuration() {
        return String.join("\n",
                "bind 127.0.0.1",
                "port " + port,
                "dir " + quoted(directory),
                "pidfile " + quoted(directory.resolve("redis.pid")),
                // Without this Redis writes no pid file unless it is a daemon.
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

    private void awaitReady(Process started) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            if (!started.isAlive()) {
                throw new IllegalStateException("Redis ended while starting; " + directory.resolve("redis.log")
                        + " says why");
            }
            if (answers()) {
                PrivateFiles.replace(directory.resolve("redis.pid"), Long.toString(started.pid()));
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        started.destroyForcibly();
        throw new IllegalStateException("Redis did not start within " + START_LIMIT.toSeconds() + " s");
    }

    /** Whether Redis answers a PING with anything else than that it is still loading its data. */
    private boolean answers() {
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

    private void restart() {
        for (int attempt = 1; !stopping && attempt <= START_ATTEMPTS; attempt++) {
            LOG.warn("The embedded Redis ended; starting it again");
            try {
                launch();
                return;
            } catch (IOException | IllegalStateException failed) {
                LOG.error("The embedded Redis does not start: {}", failed.getMessage());
            }
        }
    }

    private static String randomPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** The loopback port. */
    public int port() {
        return port;
    }

    /** What a client has to present. */
    public String password() {
        return password;
    }

    /** The process at this moment; another one after it died. */
    public Optional<ProcessHandle> process() {
        return Optional.ofNullable(process).map(Process::toHandle);
    }

    /** Ends Redis, which writes what it holds, and frees the directory. */
    @Override
    public void close() {
        Process running;
        synchronized (this) {
            stopping = true;
            running = process;
        }
        forgetShutdownHook();
        if (running != null && running.isAlive()) {
            running.destroy();
            awaitEnd(running.toHandle());
        }
        try {
            Files.deleteIfExists(directory.resolve("redis.pid"));
            lock.release();
            lockChannel.close();
        } catch (IOException alreadyClosed) {
            LOG.debug("The lock of {} is gone already", directory, alreadyClosed);
        }
    }

    private void forgetShutdownHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException shuttingDown) {
            LOG.debug("The JVM is going down already");
        }
    }
}
