package dev.postern.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Redis as a child process, for a gate that has no other Redis configured. It listens on loopback with a
 * password, and keeps its data in an append-only file that is synced at every write. If it dies, it is restarted on the
 * same port.
 */
public final class EmbeddedRedis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
    private static final Duration RESTART_DELAY = Duration.ofMillis(200);
    private static final int START_ATTEMPTS = 5;

    private final Path pidFile;
    private final Path directory;
    private final String password;
    private final RedisServerProcess redis;
    private final DirectoryLock lock;
    private final Thread shutdownHook = new Thread(() -> stopping = true, "postern-redis-stopping");
    private int port;
    private volatile @Nullable Process process;
    private volatile boolean stopping;

    private EmbeddedRedis(Path directory, DirectoryLock lock) throws IOException {
        this.directory = directory;
        this.pidFile = directory.resolve("redis.pid");
        this.lock = lock;
        this.password = randomPassword();
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        this.redis = new RedisServerProcess(directory, pidFile, password);
    }

    /**
     * Starts Redis on a free port.
     *
     * @param directory the directory that keeps its data
     * @throws IllegalStateException if another gate uses the directory, or Redis does not start; the message says which
     */
    static EmbeddedRedis start(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            PrivateFiles.createFolder(absolute);
            EmbeddedRedis redis = new EmbeddedRedis(absolute, DirectoryLock.acquire(absolute));
            try {
                new OrphanedRedis(absolute, redis.pidFile).end();
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
        Process started = redis.start(port);
        process = started;
        redis.awaitReady(started, port);
        // Not at once: a signal to all processes of a terminal stops Redis first and the gate a moment later.
        var _ = started.onExit().thenAcceptAsync(_ -> restart(),
                CompletableFuture.delayedExecutor(RESTART_DELAY.toMillis(),
                        TimeUnit.MILLISECONDS));
    }

    private void restart() {
        for (int attempt = 1; !stopping && attempt <= START_ATTEMPTS; attempt++) {
            LOG.warn("The embedded Redis exited; restarting it");
            try {
                launch();
                return;
            } catch (IOException | IllegalStateException failed) {
                LOG.error("The embedded Redis did not start: {}", failed.getMessage());
            }
        }
    }

    private static String randomPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** The loopback port. */
    int port() {
        return port;
    }

    /** The password that clients must send. */
    String password() {
        return password;
    }

    /** The current process; a restart replaces it. */
    public Optional<ProcessHandle> process() {
        return Optional.ofNullable(process).map(Process::toHandle);
    }

    /** Stops Redis, which writes its data first, and releases the directory. */
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
            RedisServerProcess.awaitEnd(running.toHandle());
        }
        try {
            Files.deleteIfExists(pidFile);
            lock.close();
        } catch (IOException alreadyClosed) {
            LOG.debug("The lock of {} is already released", directory, alreadyClosed);
        }
    }

    private void forgetShutdownHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException shuttingDown) {
            LOG.debug("The JVM is already shutting down");
        }
    }
}
