package dev.postern.backend;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The idle connections to one backend. Each event loop has its own. */
final class IdleConnections {
    private static final Duration UNLIMITED = Duration.ofDays(10_000);

    /** One for all backends: a thread keeps the place of a thread-local for good, and reloads make new backends. */
    private static final FastThreadLocal<Map<IdleConnections, OfLoop>> IDLE = new FastThreadLocal<>() {
        @Override
        protected Map<IdleConnections, OfLoop> initialValue() {
            return new IdentityHashMap<>();
        }
    };

    private final boolean reuse;
    private final long maxIdle;
    private final long maxLife;
    private final BackendTls tls;
    /** Set when a reload has removed or changed the backend. */
    private volatile boolean retired;
    /** The event loops that have connections. */
    private final Set<EventLoop> loops = ConcurrentHashMap.newKeySet();

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
        OfLoop here = IDLE.get().get(this);
        if (here == null) {
            return null;
        }
        long now = System.nanoTime();
        RawConnection last;
        while ((last = here.connections.pollLast()) != null) {
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
        EventLoop loop = connection.channel().eventLoop();
        OfLoop here = IDLE.get().computeIfAbsent(this, _ -> {
            loops.add(loop);
            return new OfLoop();
        });
        here.connections.addLast(connection);
        if (!here.sweeping) {
            here.sweeping = true;
            var _ = loop.schedule(() -> sweep(here, loop), maxIdle, TimeUnit.NANOSECONDS);
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
        } else if (retired) {
            IDLE.get().remove(this);
        }
    }

    /** Closes the idle connections, and keeps none from now on. */
    void retire() {
        retired = true;
        loops.forEach(loop -> loop.execute(this::closeThose));
    }

    private void closeThose() {
        OfLoop here = IDLE.get().get(this);
        if (here != null) {
            here.connections.forEach(RawConnection::close);
            here.connections.clear();
            IDLE.get().remove(this);
        }
    }
}
