package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;

/**
 * A connection to Redis: the entry for all commands. Connects in the background and goes on trying, so that a gate starts, and
 * answers honestly, while Redis is away. Lettuce limits how long a command waits, and how many wait.
 *
 * <p>A gate has two of them: one for decisions, and {@link #management()} for everything else, so that a long listing never
 * delays a decision. {@link StoreConnection} opens and replaces the connection, {@link CommandRunner} sends the commands.
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
     * @param workers handle the replies to management
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
     * The connection for everything that no decision waits for: management, {@code /keys}, tokens that are issued, listings,
     * imports. It has its own event loops, queue and limits, and {@link ManagementWorkers} handle its replies.
     */
    public RedisStore management() {
        return management;
    }

    /** The log of changes, and what this gate knows of it. */
    public ChangeLog changes() {
        return changes;
    }

    /** Where code reports records that it cannot read. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Tries once, and goes on trying in the background when Redis is not there. */
    @Override
    public void start() {
        connection.start();
        if (management != this) {
            management.start();
        }
    }

    /** The server behind the connection; empty in a Cluster, whose nodes refuse slots that they no longer have. */
    Mono<WhichServer.Server> server() {
        return Mono.defer(() -> connection.isCluster() ? Mono.empty() : which.behind(this));
    }

    /**
     * Replaces the connection: it answers, but leads to a server that is not, or is no longer, the one to ask. Until another is
     * open all calls are refused as if there were none.
     */
    void distrust(String why) {
        connection.replace(why);
        if (management != this) {
            management.distrust(why);
        }
    }

    /** Starts connecting if there is no connection and no thread that tries: it may have died of an error. */
    void connectIfNobodyDoes() {
        connection.connectIfNobodyDoes();
        if (management != this) {
            management.connectIfNobodyDoes();
        }
    }

    /**
     * How often the connection was replaced. Other connections that were opened before may still lead to the server that was
     * left.
     */
    int replaced() {
        return connection.replaced();
    }

    /** How many replicas the one server should have; in a Cluster each node has others. */
    ExpectedReplicas expectedReplicas() {
        return expectedReplicas;
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
        return runner.run(command);
    }

    /** Commands that wait for a reply right now. */
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

    /** Why Redis is not connected; has no meaning while it is. */
    public String trouble() {
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

    /** Starts before the ports open and stops after the last call is answered, but before the client of Lettuce does. */
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
