package dev.postern.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.RedisServer;
import redis.embedded.exceptions.EmbeddedRedisException;

/** A Redis of the operator's own, that can be stopped, started again on the same port, and held up. */
public final class TestRedisServer implements AutoCloseable {
    private static final int STARTS = 100;

    private final Path directory;
    private final int port;
    private RedisServer server;

    public TestRedisServer() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            directory = Files.createTempDirectory(Path.of("target"), "redis-").toAbsolutePath();
            port = free.getLocalPort();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server = build();
        start();
    }

    private RedisServer build() {
        return RedisServer.builder().bind("127.0.0.1").port(port).setting("appendonly yes")
                .setting("appendfsync always")
                .setting("dir " + directory).setting("pidfile " + directory.resolve("redis.pid")).build();
    }

    public int port() {
        return port;
    }

    /** Ends it at once, as when its machine loses power, and starts it again with what it had written. */
    public void crash() {
        signal("KILL");
        stop();
        start();
        awaitLoaded();
    }

    /** Waits until Redis has loaded its data. Before that, it already listens. */
    public void awaitLoaded() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!isLoaded()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Redis does not answer after its crash");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private boolean isLoaded() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return RawHttp.line(socket.getInputStream()).startsWith("+PONG");
        } catch (IOException notYet) {
            return false;
        }
    }

    public Path directory() {
        return directory;
    }

    /** The properties that send a gate here. */
    public String[] properties(String... more) {
        String[] properties = new String[more.length + 3];
        properties[0] = "spring.data.redis.host=127.0.0.1";
        properties[1] = "spring.data.redis.port=" + port;
        properties[2] = "postern.secret-keys.create=true";
        System.arraycopy(more, 0, properties, 3, more.length);
        return properties;
    }

    /**
     * Tries again while the file of the program is still open for writing in a process that another thread is just
     * starting: such a file cannot be run.
     */
    public void start() {
        for (int attempt = 1;; attempt++) {
            try {
                server.start();
                return;
            } catch (EmbeddedRedisException failed) {
                if (attempt == STARTS || !String.valueOf(failed.getCause()).contains("Text file busy")) {
                    throw failed;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    public void stop() {
        server.stop();
        server = build();
    }

    /** Sends STOP or CONT: a Redis that is stopped keeps its connections and answers nothing. */
    public void signal(String signal) {
        try {
            String pid = Files.readString(directory.resolve("redis.pid")).strip();
            if (new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid).inheritIO().start().waitFor() != 0) {
                throw new IllegalStateException("kill -" + signal + " failed");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
