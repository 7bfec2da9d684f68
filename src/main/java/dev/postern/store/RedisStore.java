package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;

/**
 * A connection to Redis for commands. It connects in the background and keeps trying, so that a gate can start, and
 * report the outage, while Redis is unreachable. Lettuce limits how long a command waits, and how many wait.
 *
 * <p>A gate has two of them: one for decisions, and {@link #management()} for everything else, so that a long listing
 * never delays a decision. Blocking commands, which follow the log of changes and wait for replicas, have connections
 * of their own. {@link StoreConnection} opens and replaces the connection, {@link CommandRunner} sends the
 * commands.
 */
public final class RedisStore implements SmartLifecycle, AutoCloseable {
    private final AbstractRedisClient client;
    private final WhichServer which = new WhichServer();
    private final ChangeLog changes;
    private final UnreadableRecords unreadable;
    private final ExpectedReplicas expectedReplicas;
    private final StoreConnection connection;
    private final CommandRunner runner;
    private final RedisStore management;

    /**
     * Creates a store with one connection for everything.
     *
     * @param client    knows where Redis is
     * @param admission checks a newly reached Redis before it is used, and throws if it must not be used
     */
    public RedisStore(AbstractRedisClient client, Consumer<RedisClusterAsyncCommands<String, String>> admission,
            CacheSettings cache, OutageSettings outage) {
        this(client, null, null, admission, cache, outage);
    }

    /**
     * Creates a store with a second connection for management.
     *
     * @param workers handle the replies on the management connection
     */
    RedisStore(AbstractRedisClient client, @Nullable AbstractRedisClient managementClient, @Nullable Executor workers,
            Consumer<RedisClusterAsyncCommands<String, String>> admission, CacheSettings cache,
            OutageSettings outage) {
        this.client = client;
        this.changes = new ChangeLog(this, new ChangeView(outage, System::nanoTime), cache.logLength());
        this.unreadable = new UnreadableRecords();
        this.expectedReplicas = new ExpectedReplicas(System::nanoTime);
        this.connection = new StoreConnection(client, admission, which, changes.view());
        this.runner = new CommandRunner(connection, changes.view(), null, this::distrust);
        this.management = managementClient == null ? this : new RedisStore(this, managementClient, workers);
    }

    private RedisStore(RedisStore decisions, AbstractRedisClient client, @Nullable Executor workers) {
        this.client = client;
        this.changes = decisions.changes.on(this);
        this.unreadable = decisions.unreadable;
        this.expectedReplicas = decisions.expectedReplicas;
        this.connection = new StoreConnection(client, which, decisions.connection);
        this.runner = new CommandRunner(connection, null, workers, this::distrust);
        this.management = this;
    }

    /**
     * The connection for everything that no decision waits for: management, {@code /keys}, issuing tokens, listings,
     * imports. It has its own event loops, queue and limits, and {@link ManagementWorkers} handle its replies.
     */
    public RedisStore management() {
        return management;
    }

    /** The log of changes, and what this gate knows about it. */
    public ChangeLog changes() {
        return changes;
    }

    /** Where code reports records that it cannot read. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Tries to connect once, and keeps trying in the background if Redis is unreachable. */
    @Override
    public void start() {
        connection.start();
        if (management != this) {
            management.start();
        }
    }

    /** The server behind the connection. Empty in a Cluster: its nodes refuse commands for slots that they lost. */
    Mono<WhichServer.Server> server() {
        return Mono.defer(() -> connection.isCluster() ? Mono.empty() : which.behind(this));
    }

    /**
     * Replaces a connection that works, but leads to the wrong server, or to one that is no longer the right one. Until
     * the new connection is open, all calls are refused as if there were no connection.
     */
    void distrust(String why) {
        connection.replace(why);
        if (management != this) {
            management.distrust(why);
        }
    }

    /**
     * Starts connecting if there is no connection and no thread is trying: the thread that was trying may have died of
     * an error.
     */
    void connectIfNobodyDoes() {
        connection.connectIfNobodyDoes();
        if (management != this) {
            management.connectIfNobodyDoes();
        }
    }

    /** How often the connection was replaced. Other connections opened before that may still lead to the old server. */
    int replaced() {
        return connection.replaced();
    }

    /** The number of replicas that a single server should have. In a Cluster, each node has a number of its own. */
    ExpectedReplicas expectedReplicas() {
        return expectedReplicas;
    }

    /** Opens a separate connection for blocking commands; the caller closes it. */
    StatefulConnection<String, String> open() {
        return RedisConnections.open(client);
    }

    /**
     * Runs a command.
     *
     * @return the reply, empty when Redis has no value; {@link StoreUnavailableException} when Redis cannot be reached,
     *         does not answer within the command timeout, or refuses; {@link UnreadableRecordException} when the key
     *         holds another type
     */
    public <T> Mono<T> run(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command) {
        return runner.run(command);
    }

    /** Tells this consumer how many nanoseconds Redis took for each command, even if it refused it. */
    public void timeCommands(LongConsumer nanos) {
        runner.timeCommands(nanos);
    }

    /** Commands that are waiting for a reply. */
    public int inFlight() {
        return runner.inFlight();
    }

    /** Commands that failed since the start. */
    public long failures() {
        return runner.failures();
    }

    /** Whether the connection is open at this moment. */
    public boolean isConnected() {
        return connection.isConnected();
    }

    /** Why Redis is not connected; meaningless while it is. */
    String trouble() {
        return connection.trouble();
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public boolean isRunning() {
        return connection.isRunning();
    }

    /** Starts before the ports open, and stops after the last call is answered but before the Lettuce client. */
    @Override
    public int getPhase() {
        return 1;
    }

    @Override
    public void close() {
        connection.close();
        if (management != this) {
            management.close();
        }
    }
}
