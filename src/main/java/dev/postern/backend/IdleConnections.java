package dev.postern.backend;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The idle connections to one backend. Each event loop has its own. */
final class IdleConnections {
    private static final Duration UNLIMITED = Duration.ofDays(10_000);

    private final boolean reuse;
    private final long maxIdle;
    private final long maxLife;
    private final BackendTls tls;
    /** Set when a reload has removed or changed the backend. */
    private volatile boolean retired;
    private final FastThreadLocal<OfLoop> idle = new FastThreadLocal<>() {
        @Override
        protected OfLoop initialValue() {
            return new OfLoop();
        }
    };

    /** The idle connections of one event loop; the most recently used one is at the end. */
    private static final class OfLoop {
        private final ArrayDeque<RawConnection> connections = new ArrayDeque<>();
        private boolean sweeping;
    }

    IdleConnections(ConnectionSettings settings, BackendSettings backend, BackendTls tls) {
        this.reuse = backend.reuseConnections();
        this.maxIdle = settings.maxIdle().toNanos();
        this.maxLife = Optional.ofNullable(backend.connectionMaxLife()).orElse(UNLIMITED).toNanos();
        this.tls = tls;
    }

    /** Takes a possibly usable connection of the current event loop; null if there is none. */
    @Nullable RawConnection take() {
        ArrayDeque<RawConnection> connections = idle.get().connections;
        long now = System.nanoTime();
        RawConnection last;
        while ((last = connections.pollLast()) != null) {
            if (mayBeKept(last, now) && last.idleFor(now) < maxIdle) {
                return last;
            }
            last.close();
        }
        return null;
    }

    private boolean mayBeKept(RawConnection connection, long now) {
        return reuse && !retired && connection.isReusable() && connection.age(now) < maxLife
                && connection.generation() == tls.generation();
    }

    /** Keeps a connection of the current event loop for the next call, or closes it if it cannot carry one. */
    void keepOrClose(RawConnection connection) {
        long now = System.nanoTime();
        if (!mayBeKept(connection, now)) {
            connection.close();
            return;
        }
        connection.idle(now);
        OfLoop here = idle.get();
        here.connections.addLast(connection);
        if (!here.sweeping) {
            here.sweeping = true;
            var _ = connection.channel().eventLoop().schedule(() -> sweep(here, connection.channel().eventLoop()),
                    maxIdle, TimeUnit.NANOSECONDS);
        }
    }

    /** Closes the connections that have been idle for too long, and looks again later if there are others. */
    private void sweep(OfLoop here, EventLoop loop) {
        long now = System.nanoTime();
        RawConnection first;
        while ((first = here.connections.peekFirst()) != null
                && (first.idleFor(now) >= maxIdle || !mayBeKept(first, now))) {
            here.connections.pollFirst();
            first.close();
        }
        here.sweeping = first != null;
        if (first != null) {
            var _ = loop.schedule(() -> sweep(here, loop), maxIdle - first.idleFor(now), TimeUnit.NANOSECONDS);
        }
    }

    /** Keeps no connection from now on. Those that it has are closed when they would be swept. */
    void retire() {
        retired = true;
    }
}
