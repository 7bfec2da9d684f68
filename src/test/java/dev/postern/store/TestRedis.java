package dev.postern.store;

import static org.awaitility.Awaitility.await;

import dev.postern.support.QuickTests;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** A real Redis, a store on it that is configured as the gate's own, and secret keys. */
public final class TestRedis implements AutoCloseable {
    /** Far beyond what anything here takes, so that a busy machine fails no test. */
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private static final StoreSettings PATIENT = settings(Duration.ofSeconds(10), 4096,
            Duration.ofSeconds(10));

    /** The default settings. */
    public static final CacheSettings CACHE = new CacheSettings(Duration.ofSeconds(30), Duration.ofSeconds(2),
            DataSize.ofMegabytes(64), 100_000, false);
    public static final OutageSettings OUTAGE = new OutageSettings(Duration.ofMinutes(5), Duration.ofSeconds(30));

    private final EmbeddedRedis server;
    private final SecretKeys secretKeys;
    private final Client client;

    private TestRedis(EmbeddedRedis server, SecretKeys secretKeys, Client client) {
        this.server = server;
        this.secretKeys = secretKeys;
        this.client = client;
    }

    /** The connection of management has the default settings. */
    static StoreSettings settings(Duration commandTimeout, int maxInFlight, Duration connectTimeout) {
        return new StoreSettings(commandTimeout, maxInFlight, connectTimeout,
                new StoreSettings.Management(Duration.ofSeconds(1), 1024, 2));
    }

    public static TestRedis start(Path folder) {
        QuickTests.mustNotBeRunning();
        SecretKeys secretKeys = SecretKeys.load(folder.resolve("secret-keys.json"), true);
        EmbeddedRedis server = EmbeddedRedis.start(folder.resolve("redis"));
        return new TestRedis(server, secretKeys, connect(server));
    }

    /** A store of its own on a server; the caller closes it. */
    static Client connect(EmbeddedRedis server) {
        return connect(server, PATIENT, TestRedis::admit);
    }

    static Client connect(int port, String password) {
        Client client = new Client(port, password, PATIENT, TestRedis::admit);
        client.start();
        return client;
    }

    /** An admission that refuses nothing. */
    static void admit(RedisClusterAsyncCommands<String, String> commands) {}

    static Client connect(EmbeddedRedis server, StoreSettings settings,
            Consumer<RedisClusterAsyncCommands<String, String>> admission) {
        Client client = new Client(server.port(), server.password(), settings, admission);
        client.start();
        return client;
    }

    /** A store on a Redis without a password; the caller closes it. */
    public static Client connect(int port) {
        return connect(port, "");
    }

    static Client connect(int port, StoreSettings settings) {
        Client client = new Client(port, "", settings, TestRedis::admit);
        client.store.start();
        return client;
    }

    /** The same, which also follows the log of changes. */
    static Client follow(int port, StoreSettings settings) {
        Client client = new Client(port, "", settings, TestRedis::admit);
        client.start();
        return client;
    }

    /** A store with the client under it. */
    public static final class Client implements AutoCloseable {
        private final ClientResources resources;
        private final RedisClient client;
        private final RedisStore store;
        private final ChangeFollower follower;

        Client(int port, String password, StoreSettings settings,
                Consumer<RedisClusterAsyncCommands<String, String>> admission) {
            RedisClientConfiguration configuration = new RedisClientConfiguration();
            DefaultClientResources.Builder resourcesBuilder = DefaultClientResources.builder();
            configuration.quickReconnect().customize(resourcesBuilder);
            configuration.guardedConnections(settings).customize(resourcesBuilder);
            ClientOptions.Builder options = ClientOptions.builder();
            configuration.boundedCommands(settings).customize(options);
            resources = resourcesBuilder.build();
            client = RedisClient.create(resources, RedisURI.builder().withHost("127.0.0.1").withPort(port)
                    .withPassword(password.toCharArray()).withTimeout(LIMIT).build());
            client.setOptions(options.build());
            store = new RedisStore(client, admission, CACHE, OUTAGE);
            follower = new ChangeFollower(store, GateIdentity.of(TestRedis.class, Instant.now()));
        }

        private void start() {
            store.start();
            follower.start();
            if (store.isConnected()) {
                await().atMost(LIMIT).until(() -> store.changes().view().state() == StoreState.LIVE);
            }
        }

        public RedisStore store() {
            return store;
        }

        /** Ends the connections at once, whatever is under way on them: as when the gate dies. */
        public void die() {
            follower.close();
            client.shutdown(Duration.ZERO, Duration.ZERO);
        }

        /**
         * Closes all of them at once, because each may wait half a second until its follower has done with its last
         * question.
         */
        public static void closeAll(List<Client> clients) throws InterruptedException {
            List<Thread> closing = clients.stream().map(client -> Thread.ofVirtual().start(client::close)).toList();
            for (Thread one : closing) {
                one.join();
            }
        }

        @Override
        public void close() {
            follower.close();
            store.close();
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            var _ = resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }

    /** The value; fails when there is none. */
    public static <T> T get(Mono<T> mono) {
        return find(mono).orElseThrow();
    }

    /** The value, where there is one. */
    public static <T> Optional<T> find(Mono<T> mono) {
        return mono.blockOptional(LIMIT);
    }

    /** Runs one command, and waits for its reply. */
    public <T> T run(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command) {
        return get(client.store.run(command));
    }

    /** Forgets everything. */
    public void clear() {
        run(RedisClusterAsyncCommands::flushall);
    }

    public RedisStore store() {
        return client.store;
    }

    /** Another way to the same Redis; the caller closes it. */
    public Relay relay() {
        return new Relay(server);
    }

    public SecretKeys secretKeys() {
        return secretKeys;
    }

    EmbeddedRedis server() {
        return server;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
