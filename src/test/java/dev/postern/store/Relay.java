package dev.postern.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A way to Redis on which one command can be held up, so that a test decides what happens between two steps of a call.
 */
public final class Relay implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile @Nullable String marker;
    private final TestRedis.Client client;

    Relay(EmbeddedRedis server) {
        try {
            listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        target = server.port();
        Thread.ofVirtual().start(this::accept);
        client = TestRedis.connect(listening.getLocalPort(), server.password());
    }

    /** A store that reaches Redis on this way. */
    public RedisStore store() {
        return client.store();
    }

    /** Holds up the first command with this text in it. */
    public void hold(String text) {
        marker = text;
    }

    /** Comes back when the command is held up. */
    public void awaitHeld() throws InterruptedException {
        if (!held.await(TestRedis.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("no command came with " + marker);
        }
    }

    /** Lets it go on. */
    public void release() {
        released.countDown();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket near = listening.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                Thread.ofVirtual().start(() -> pump(near, far, true));
                Thread.ofVirtual().start(() -> pump(far, near, false));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void pump(Socket from, Socket to, boolean commands) {
        byte[] buffer = new byte[65_536];
        try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                String wanted = marker;
                if (commands && wanted != null && held.getCount() > 0
                        && new String(buffer, 0, length, StandardCharsets.UTF_8).contains(wanted)) {
                    held.countDown();
                    released.await();
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException closed) {
            // The other end is gone, and so is this one.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        client.close();
        try {
            listening.close();
        } catch (IOException alreadyClosed) {
            throw new UncheckedIOException(alreadyClosed);
        }
    }
}
