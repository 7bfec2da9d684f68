package dev.postern.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a port of this machine that a test can slow down, cut and mend. It can hold up one message, so that a
 * test decides what happens between two steps of a call.
 */
public final class Cable implements AutoCloseable {
    private final ServerSocket listening;
    private volatile int target;
    private final long lagNanos;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile @Nullable String last;
    private volatile @Nullable String marker;
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    public Cable(int target) {
        this(target, Duration.ZERO);
    }

    /**
     * A cable that leads nowhere yet. It has its port already, so that a later search for a free port does not find
     * this one.
     *
     * @param lag by how much everything that is sent is delayed, at least
     */
    public Cable(Duration lag) {
        this(0, lag);
    }

    private Cable(int target, Duration lag) {
        this.target = target;
        this.lagNanos = lag.toNanos();
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** Ends all connections, and each new one until the cable is mended. */
    public void cut() {
        cut = true;
        open.forEach(Cable::end);
    }

    /** Cuts the cable as soon as this text is sent to the port. The text does not arrive. */
    public void cutAt(String text) {
        last = text;
    }

    /** New connections lead to another port, as if a host name now belonged to another machine. */
    public void leadTo(int port) {
        target = port;
    }

    /** Holds up the first message to the port with this text in it. */
    public void hold(String text) {
        marker = text;
    }

    /** Waits until the message is held up; returns false if none came in this time. */
    public boolean awaitHeld(Duration limit) throws InterruptedException {
        return held.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Lets the message go on. */
    public void release() {
        released.countDown();
    }

    public void mend() {
        last = null;
        cut = false;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket near = listening.accept();
                if (cut) {
                    end(near);
                    continue;
                }
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(near);
                open.add(far);
                Thread.ofVirtual().start(() -> pump(near, far, true));
                Thread.ofVirtual().start(() -> pump(far, near, false));
            } catch (IOException closedOrAway) {
                // The client tries again.
            }
        }
    }

    private void pump(Socket from, Socket to, boolean there) {
        byte[] buffer = new byte[65_536];
        try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                LockSupport.parkNanos(lagNanos);
                String until = last;
                if (there && until != null && new String(buffer, 0, length, StandardCharsets.UTF_8).contains(until)) {
                    cut();
                    return;
                }
                String wanted = marker;
                if (there && wanted != null && held.getCount() > 0
                        && new String(buffer, 0, length, StandardCharsets.UTF_8).contains(wanted)) {
                    held.countDown();
                    released.await();
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException ended) {
            // The other side notices, because its own connection ends, too.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException ended) {
            // It has ended already.
        }
    }

    @Override
    public void close() {
        release();
        end(listening);
        cut();
    }

    private static void end(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException ended) {
            // It has ended already.
        }
    }
}
