package dev.postern.store;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Cable;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** The connection of management beside that of the decisions. */
@Timeout(120)
@OwnsItsGate
class ManagementConnectionTest {
    private static final StoreSettings SETTINGS = TestRedis.settings(Duration.ofSeconds(5), 4096,
            Duration.ofSeconds(5));

    private final int[] ports = RedisProcess.freePorts(2);
    private final RedisProcess first = RedisProcess.server(ports[0]);
    private final RedisProcess second = RedisProcess.server(ports[1]);
    private final Cable cable = new Cable(Duration.ZERO);
    private final List<AutoCloseable> open = new ArrayList<>(List.of(first, second, cable));

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private RedisClient client(int port) {
        RedisClientConfiguration configuration = new RedisClientConfiguration();
        DefaultClientResources.Builder resources = DefaultClientResources.builder();
        configuration.quickReconnect().customize(resources);
        configuration.guardedConnections(SETTINGS).customize(resources);
        ClientOptions.Builder options = ClientOptions.builder();
        configuration.boundedCommands(SETTINGS).customize(options);
        DefaultClientResources built = resources.build();
        RedisClient client = RedisClient.create(built, RedisURI.builder().withHost("127.0.0.1").withPort(port)
                .withTimeout(Duration.ofSeconds(5)).build());
        client.setOptions(options.build());
        open.add(() -> {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            var _ = built.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        });
        return client;
    }

    /** A store whose decisions are on the first server, and whose management goes wherever the cable leads. */
    private RedisStore store() {
        ManagementWorkers workers = new ManagementWorkers(2);
        open.add(workers);
        RedisStore store = new RedisStore(client(ports[0]), client(cable.port()), workers, TestRedis::admit,
                TestRedis.CACHE, TestRedis.OUTAGE);
        open.add(store);
        store.start();
        ChangeFollower follower = new ChangeFollower(store, GateIdentity.of(ManagementConnectionTest.class,
                Instant.now()));
        open.add(follower);
        follower.start();
        await().atMost(LIMIT).until(() -> store.changes().view().state() == StoreState.LIVE);
        return store;
    }

    private static boolean isSet(RedisStore store, String key) {
        return get(store.run(commands -> commands.exists(key))) == 1;
    }

    private static boolean set(RedisStore store, String key) {
        return get(store.run(commands -> commands.set(key, "1")).hasElement()
                .onErrorResume(StoreUnavailableException.class, _ -> Mono.just(false)));
    }

    @Test
    void isReplacedIfItLeadsToAnotherServerThanTheFollowedOne() {
        cable.leadTo(ports[1]);
        RedisStore store = store();
        cable.leadTo(ports[0]);

        await().atMost(LIMIT).until(() -> set(store.management(), "postern:by-management")
                && isSet(store, "postern:by-management"));

        assertThat(store.changes().view().state()).isEqualTo(StoreState.LIVE);
        assertThat(store.changes().view().gaps()).as("of what decisions read nothing is in doubt").isZero();
    }

    @Test
    void movesDecisionsToItsServerIfItKeepsLeadingElsewhere() {
        cable.leadTo(ports[1]);
        RedisStore store = store();

        // Nobody here can say which of the two servers is the right one, so the decisions must ask anew, too.
        await().atMost(LIMIT).until(() -> store.changes().view().gaps() > 0);
    }

    @Test
    void mayFailWithoutAffectingDecisions() {
        cable.leadTo(ports[0]);
        RedisStore store = store();
        assertThat(set(store.management(), "postern:before")).isTrue();

        cable.cut();

        await().atMost(LIMIT).until(() -> !store.management().isConnected());
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> get(store.management().run(commands -> commands.get("postern:before"))));
        assertThat(store.management().failures()).isPositive();
        long end = System.nanoTime() + ChangeView.LIVE_WITHIN.multipliedBy(2).toNanos();
        while (System.nanoTime() < end) {
            assertThat(isSet(store, "postern:before")).isTrue();
        }
        assertThat(store.changes().view().state()).isEqualTo(StoreState.LIVE);
        assertThat(store.failures()).isZero();
    }

    @Test
    void logsItsChangesWhereTheyAreMade() {
        cable.leadTo(ports[0]);
        RedisStore store = store();
        ChangeView view = store.changes().view();
        int stripe = ChangeView.stripe("postern:lamp");
        long before = view.generation(stripe);

        get(store.management().changes().changing(
                store.management().run(commands -> commands.set("postern:lamp", "on")), "postern:lamp"));

        assertThat(view.generation(stripe)).isGreaterThan(before);
        long logged = get(store.run(commands -> commands.xlen(ChangeLog.LOG)));
        assertThat(logged).isPositive();
        assertThat(store.changes().unsent()).isZero();
    }
}
