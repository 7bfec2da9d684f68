package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.event.Event;
import io.lettuce.core.event.connection.ConnectionActivatedEvent;
import io.lettuce.core.event.connection.ConnectionDeactivatedEvent;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a {@link RedisStore}. Opens it, keeps trying in the background while Redis is unreachable, and
 * replaces it when it leads to the wrong server. Lettuce reconnects a broken connection; this class decides when a new
 * one is needed.
 *
 * <p>A new connection is used only when it leads to a primary and the admission check has passed. Until then there are
 * no commands, and all calls are refused.
 */
final class StoreConnection {
    private static final Duration RETRY = Duration.ofMillis(250);

    private final AbstractRedisClient client;
    private final Consumer<RedisClusterAsyncCommands<String, String>> admission;
    private final WhichServer which;
    private final @Nullable StoreConnection decisions;
    private final ConnectionLog log;
    private final ChangeView view;
    private final AtomicInteger replaced;
    private final AtomicBoolean connecting = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean running;
    private volatile @Nullable StatefulConnection<String, String> connection;
    private volatile @Nullable RedisClusterAsyncCommands<String, String> commands;
    private volatile String trouble = "Redis has not been reached yet";

    /** The connection for decisions. */
    StoreConnection(AbstractRedisClient client, Consumer<RedisClusterAsyncCommands<String, String>> admission,
            WhichServer which, ChangeView view) {
        this(client, admission, which, view, null, new AtomicInteger());
    }

    /** The connection for management. */
    StoreConnection(AbstractRedisClient client, WhichServer which, StoreConnection decisions) {
        this(client, decisions.admission, which, decisions.view, decisions, decisions.replaced);
    }

    private StoreConnection(AbstractRedisClient client, Consumer<RedisClusterAsyncCommands<String, String>> admission,
            WhichServer which, ChangeView view, @Nullable StoreConnection decisions, AtomicInteger replaced) {
        this.client = client;
        this.admission = admission;
        this.which = which;
        this.view = view;
        this.decisions = decisions;
        this.log = new ConnectionLog(decisions);
        this.replaced = replaced;
    }

    /** Tries to connect once, and keeps trying in the background if Redis is unreachable. */
    void start() {
        running = true;
        connecting.set(true);
        var _ = client.getResources().eventBus().get().subscribe(this::report);
        if ((decisions == null || decisions.isConnected()) && connect()) {
            connecting.set(false);
        } else {
            log.warn(trouble + ". Calls are answered with store_unavailable until it is reachable");
            connectInBackground();
        }
    }

    /** Ignores events of the client's other connections, to sentinels and to the nodes of a Cluster. */
    private void report(Event event) {
        switch (event) {
            case ConnectionDeactivatedEvent _ when commands != null && !isConnected() -> log.lost();
            case ConnectionActivatedEvent _ when isConnected() -> log.back();
            case ClusterTopologyChangedEvent _ when connection instanceof StatefulRedisClusterConnection<String, String> cluster -> {
                var _ = ClusterNodes.open(cluster);
            }
            default -> {
            }
        }
    }

    private void connectUntilDone() {
        try {
            while (!closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                String before = trouble;
                if (connect()) {
                    log.openedInBackground();
                    return;
                }
                if (!trouble.equals(before)) {
                    log.warn(trouble);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            connecting.set(false);
        }
    }

    /**
     * Replaces a connection that works but leads to the wrong server. All calls are refused until the new one is open.
     */
    void replace(String why) {
        if (running && !isCluster() && connecting.compareAndSet(false, true)) {
            commands = null;
            trouble = why;
            replaced.incrementAndGet();
            if (decisions == null) {
                // Records read there may be older than they look. Management caches nothing that it reads.
                view.startEpoch();
            }
            log.warn(why + ". Opening another connection");
            connectInBackground();
        }
    }

    /**
     * Starts connecting if there is no connection and no thread is trying: the thread that was trying may have died of
     * an error.
     */
    void connectIfNobodyDoes() {
        if (running && commands == null && connecting.compareAndSet(false, true)) {
            connectInBackground();
        }
    }

    private void connectInBackground() {
        try {
            Thread.ofPlatform().daemon().name("postern-redis-connect").start(this::connectUntilDone);
        } catch (Error noThread) {
            // The thread that follows the log of changes tries again soon, with connectIfNobodyDoes.
            connecting.set(false);
        }
    }

    private boolean connect() {
        StatefulConnection<String, String> old = connection;
        StatefulConnection<String, String> opened = null;
        try {
            opened = RedisConnections.open(client);
            RedisClusterAsyncCommands<String, String> async = RedisConnections.async(opened);
            if (!(opened instanceof StatefulRedisClusterConnection)) {
                which.requirePrimary(async);
            }
            admission.accept(async);
            if (closed.getCount() == 0) {
                throw new StoreUnavailableException("The gate is shutting down");
            }
            connection = opened;
            commands = async;
            log.opened();
            trouble = "The connection to Redis is lost; reconnecting";
            if (old != null) {
                var _ = old.closeAsync();
            }
            return true;
        } catch (RuntimeException | Error failed) {
            // Catch everything: nothing else would try again.
            trouble = failed instanceof StoreUnavailableException refused
                    ? String.valueOf(refused.getMessage())
                    : "Redis cannot be reached: " + RedisErrors.rootMessage(failed);
            if (opened != null) {
                var _ = opened.closeAsync();
            }
            return false;
        }
    }

    /** The commands of the connection; null while there is none. */
    @Nullable RedisClusterAsyncCommands<String, String> commands() {
        return commands;
    }

    /** Whether a command would fail before it is sent. Never for a Cluster: some of its nodes may be reachable. */
    boolean isLost() {
        return connection instanceof StatefulRedisConnection<String, String> single && !single.isOpen();
    }

    /**
     * Whether this is a Redis Cluster. Its nodes refuse slots that they no longer have, so the connection is never
     * replaced.
     */
    boolean isCluster() {
        return connection instanceof StatefulRedisClusterConnection;
    }

    /** Whether the connection is open at this moment. */
    boolean isConnected() {
        StatefulConnection<String, String> open = connection;
        return open != null && commands != null && open.isOpen();
    }

    /** Why Redis is not connected; meaningless while it is. */
    String trouble() {
        return trouble;
    }

    /** How often either of the gate's connections was replaced. */
    int replaced() {
        return replaced.get();
    }

    boolean isRunning() {
        return running;
    }

    /** Stops connecting. The connection itself is closed by its client, which this class does not own. */
    void close() {
        running = false;
        closed.countDown();
        commands = null;
        trouble = "The gate is shutting down";
    }
}
