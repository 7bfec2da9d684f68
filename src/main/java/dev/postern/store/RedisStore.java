package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
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
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A connection to Redis. Connects in the background and goes on trying, so that a gate starts, and answers honestly, while Redis
 * is away. Lettuce bounds the wait for a command, and the queue of commands that wait.
 *
 * <p>A gate has two of them: one for decisions, and {@link #management()} for everything else.
 */
public final class RedisStore implements SmartLifecycle, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
    private static final Duration RETRY = Duration.ofMillis(250);

    private final AbstractRedisClient client;
    private final Consumer<RedisClusterAsyncCommands<String, String>> admission;
    private final ChangeLog changes;
    private final UnreadableRecords unreadable;
    private final @Nullable RedisStore decisions;
    private final RedisStore management;
    private final @Nullable Executor workers;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder failures = new LongAdder();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final WhichServer which = new WhichServer();
    private final AtomicBoolean connecting = new AtomicBoolean();
    private final AtomicInteger replaced;
    private final ExpectedReplicas expectedReplicas;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean running;
    private volatile @Nullable StatefulConnection<String, String> connection;
    private volatile @Nullable RedisClusterAsyncCommands<String, String> commands;
    private volatile String trouble = "Redis has not been reached yet";

    /**
     * With one connection for everything.
     *
     * @param client    knows where Redis is
     * @param admission looks at a newly reached Redis before anything else does, and throws if it is not to be used
     */
    public RedisStore(AbstractRedisClient client, Consumer<RedisClusterAsyncCommands<String, String>> admission,
            CacheSettings cache, OutageSettings outage) {
        this(client, null, null, admission, cache, outage);
    }

    /**
     * With a second connection for management.
     *
     * @param workers where the replies to management are worked on
     */
    RedisStore(AbstractRedisClient client, @Nullable AbstractRedisClient managementClient, @Nullable Executor workers,
            Consumer<RedisClusterAsyncCommands<String, String>> admission, CacheSettings cache,
            OutageSettings outage) {
        this.client = client;
        this.admission = admission;
        this.changes = new ChangeLog(this, new ChangeView(outage, System::nanoTime), cache.logLength());
        this.unreadable = new UnreadableRecords();
        this.replaced = new AtomicInteger();
        this.expectedReplicas = new ExpectedReplicas(System::nanoTime);
        this.decisions = null;
        this.workers = null;
        this.management = managementClient == null ? this : new RedisStore(this, managementClient, workers);
    }

    private RedisStore(RedisStore decisions, AbstractRedisClient client, @Nullable Executor workers) {
        this.client = client;
        this.admission = decisions.admission;
        this.changes = decisions.changes.on(this);
        this.unreadable = decisions.unreadable;
        this.replaced = decisions.replaced;
        this.expectedReplicas = decisions.expectedReplicas;
        this.decisions = decisions;
        this.workers = workers;
        this.management = this;
    }

    /**
     * The connection for whatever no decision waits for: management, {@code /keys}, tokens that are issued, listings, imports.
     * It has event loops, a queue and limits of its own, and its replies are worked on by {@link ManagementWorkers}.
     */
    public RedisStore management() {
        return management;
    }

    /** The log of changes, and what this gate knows of it. */
    public ChangeLog changes() {
        return changes;
    }

    /** Where whoever cannot read a record says so. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Tries once, and goes on trying in the background when Redis is not there. */
    @Override
    public void start() {
        running = true;
        connecting.set(true);
        var _ = client.getResources().eventBus().get().subscribe(this::report);
        if ((decisions == null || decisions.isConnected()) && connect()) {
            connecting.set(false);
        } else {
            warn(trouble + ". Calls are answered with store_unavailable until it is");
            connectInBackground();
        }
        if (management != this) {
            management.start();
        }
    }

    /** Redis that is away is reported once, by the connection of the decisions. */
    private void warn(String message) {
        if (decisions == null) {
            LOG.warn("{}", message);
        } else if (decisions.isConnected()) {
            LOG.warn("The connection of management: {}", message);
        }
    }

    /**
     * Once for each time that Redis goes and comes; Lettuce by itself tells of every try in between. What happens to other
     * connections, those to sentinels and to nodes that are asked about their Cluster, is told too and says nothing of this one.
     */
    private void report(Event event) {
        switch (event) {
            case ConnectionDeactivatedEvent _ when decisions == null && commands != null && !isConnected()
                    && lost.compareAndSet(false, true) ->
                LOG.warn(
                        "The connection to Redis is lost. What is remembered counts for as long as the grace lasts; all else"
                                + " is answered with store_unavailable until it is back");
            case ConnectionActivatedEvent _ when isConnected() && lost.compareAndSet(true, false) -> LOG.info(
                    "Redis is back");
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
                    LOG.atLevel(decisions == null ? Level.INFO : Level.DEBUG).log("Redis has been reached.");
                    return;
                }
                if (!trouble.equals(before)) {
                    warn(trouble);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            connecting.set(false);
        }
    }

    /** The one behind the connection; empty in a Cluster, where there are many, each of which says itself what it has no more. */
    Mono<WhichServer.Server> server() {
        return Mono.defer(() -> connection instanceof StatefulRedisClusterConnection
                ? Mono.empty()
                : which.behind(this));
    }

    /**
     * Replaces the connection: what it leads to is not, or is no longer, the server to be asked, though it answers. Until another is
     * open all calls are refused as if there were none.
     */
    void distrust(String why) {
        if (running && !(connection instanceof StatefulRedisClusterConnection)
                && connecting.compareAndSet(false, true)) {
            commands = null;
            trouble = why;
            replaced.incrementAndGet();
            if (decisions == null) {
                // What was read there may be older than it looks. Of what management reads nothing is remembered.
                changes.view().missed();
            }
            warn(why + ". Another connection is opened");
            connectInBackground();
        }
        if (management != this) {
            management.distrust(why);
        }
    }

    /** Sees to it that somebody tries, though whoever did may have died of an error. */
    void connectIfNobodyDoes() {
        if (running && commands == null && connecting.compareAndSet(false, true)) {
            connectInBackground();
        }
        if (management != this) {
            management.connectIfNobodyDoes();
        }
    }

    private void connectInBackground() {
        try {
            Thread.ofPlatform().daemon().name("postern-redis-connect").start(this::connectUntilDone);
        } catch (Error noThread) {
            // Whoever follows the log tries again before long.
            connecting.set(false);
        }
    }

    /** How often the connection was replaced: what else is connected to Redis may be so to the one that was left. */
    int replaced() {
        return replaced.get();
    }

    /** How many replicas the one server should have; of a Cluster each node has others. */
    ExpectedReplicas expectedReplicas() {
        return expectedReplicas;
    }

    private boolean connect() {
        StatefulConnection<String, String> old = connection;
        StatefulConnection<String, String> opened = null;
        try {
            opened = open();
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
            lost.set(false);
            trouble = "The connection to Redis is lost; it is being tried again";
            if (old != null) {
                var _ = old.closeAsync();
            }
            return true;
        } catch (RuntimeException | Error failed) {
            // Whatever it is: nobody else tries again.
            trouble = failed instanceof StoreUnavailableException refused
                    ? String.valueOf(refused.getMessage())
                    : "Redis cannot be reached: " + RedisErrors.rootMessage(failed);
            if (opened != null) {
                var _ = opened.closeAsync();
            }
            return false;
        }
    }

    /** A connection of its own, for commands that wait; the caller closes it. */
    StatefulConnection<String, String> open() {
        return RedisConnections.open(client);
    }

    /**
     * Runs a command.
     *
     * @return the reply, empty when Redis has nothing; {@link StoreUnavailableException} when Redis cannot be reached, does
     *         not answer within the command timeout, or refuses; {@link UnreadableRecordException} when the key holds
     *         another type
     */
    public <T> Mono<T> run(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command) {
        return Mono.deferContextual(context -> {
            RedisClusterAsyncCommands<String, String> ready = commands;
            if (ready == null || isLost()) {
                failures.increment();
                failed();
                return Mono.<T>error(new StoreUnavailableException(trouble));
            }
            Sent.in(context).ifPresent(Sent::mark);
            inFlight.incrementAndGet();
            RedisFuture<T> reply;
            try {
                reply = command.apply(ready);
            } catch (RuntimeException rejected) {
                inFlight.decrementAndGet();
                return Mono.<T>error(outage(rejected));
            }
            // Not on the thread of the connection, which has other callers to serve.
            Executor next = workers == null ? EventLoops.back() : workers;
            return Mono.<T>create(sink -> {
                var _ = reply.whenComplete((value, failure) -> {
                    inFlight.decrementAndGet();
                    next.execute(() -> finish(sink, reply, value, failure));
                });
            });
        });
    }

    /** Whether a command would be refused unsent. Of a Cluster some nodes may be there. */
    private boolean isLost() {
        return connection instanceof StatefulRedisConnection<String, String> single && !single.isOpen();
    }

    private <T> void finish(MonoSink<T> sink, RedisFuture<T> reply, @Nullable T value, @Nullable Throwable failure) {
        if (failure != null) {
            sink.error(RedisErrors.isOfAnotherType(failure) ? RedisErrors.unreadable(reply, failure) : outage(failure));
            return;
        }
        if (decisions == null) {
            changes.view().commandAnswered();
        }
        if (value == null) {
            sink.success();
        } else {
            sink.success(value);
        }
    }

    private RuntimeException outage(Throwable failure) {
        if (failure instanceof RedisNoScriptException unknown) {
            // No outage: Script sends its text then.
            return unknown;
        }
        failures.increment();
        if (!(failure instanceof RedisCommandExecutionException) || RedisErrors.isAway(failure)) {
            failed();
        }
        if (RedisErrors.isOfReplica(failure)) {
            distrust(WhichServer.REPLICA);
        }
        return new StoreUnavailableException("Redis did not answer: " + RedisErrors.rootMessage(failure), failure);
    }

    /** What becomes of management says nothing of what decisions can read. */
    private void failed() {
        if (decisions == null) {
            changes.view().commandFailed();
        }
    }

    /** Commands that wait for a reply right now. */
    public int inFlight() {
        return inFlight.get();
    }

    /** Commands that failed since the start. */
    public long failures() {
        return failures.sum();
    }

    /** Whether the connection is open at this moment. */
    public boolean isConnected() {
        StatefulConnection<String, String> open = connection;
        return open != null && commands != null && open.isOpen();
    }

    /** Why Redis is not connected; of no meaning while it is. */
    public String trouble() {
        return trouble;
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Starts before the ports open and stops after the last call is answered, but before the client of Lettuce does. */
    @Override
    public int getPhase() {
        return 1;
    }

    @Override
    public void close() {
        running = false;
        closed.countDown();
        commands = null;
        trouble = "The gate is shutting down";
        if (management != this) {
            management.close();
        }
        // The connection ends with its client, which is not this class's to end.
    }
}
