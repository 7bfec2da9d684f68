package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.TestRedis.Client;
import dev.postern.support.OwnsItsGate;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which connections are guarded, and which of them end because nothing comes back. */
@Timeout(300)
@OwnsItsGate
class ConnectionGuardsTest {
    private static final StoreSettings SETTINGS = TestRedis.settings(Duration.ofMillis(100), 16, Duration.ofSeconds(5));

    /** For each connection that was opened, the handlers just before that of Lettuce. */
    private final Queue<List<String>> opened = new ConcurrentLinkedQueue<>();
    private final DefaultClientResources resources = DefaultClientResources.builder()
            .nettyCustomizer(new NettyCustomizer() {
                private final ConnectionGuards guards = new ConnectionGuards(SETTINGS.commandTimeout());

                @Override
                public void afterChannelInitialized(Channel channel) {
                    guards.afterChannelInitialized(channel);
                    List<String> names = channel.pipeline().names();
                    int lettuce = names.indexOf(channel.pipeline().context(CommandHandler.class).name());
                    opened.add(names.subList(lettuce - 2, lettuce));
                }
            }).build();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        var _ = resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    @Test
    void guardConnectionsToAPrimaryAndItsSentinels() {
        try (TestSentinel redis = new TestSentinel()) {
            RedisClient client = RedisClient.create(resources, redis.uri());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                assertThat(connection.sync().ping()).isEqualTo("PONG");
            } finally {
                end(client);
            }
        }
        assertThat(opened).hasSizeGreaterThanOrEqualTo(2).containsOnly(List.of("CloseOnSilence", "CloseOnError"));
    }

    @Test
    void guardConnectionsToEveryNodeOfACluster() {
        try (TestCluster redis = new TestCluster("user postern on nopass ~* +@all")) {
            RedisClusterClient client = RedisClusterClient.create(resources, redis.uri());
            try (StatefulRedisClusterConnection<String, String> connection = ClusterNodes.connect(client)) {
                assertThat(connection.sync().mset(Map.of("a", "1", "b", "2", "c", "3"))).isEqualTo("OK");
            } finally {
                end(client);
            }
        }
        assertThat(opened).hasSizeGreaterThanOrEqualTo(4).containsOnly(List.of("CloseOnSilence", "CloseOnError"));
    }

    private static void end(AbstractRedisClient client) {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    @Test
    void closeAConnectionWithoutReplies() {
        RedisProcess redis = RedisProcess.server(RedisProcess.freePorts(1)[0]);
        try (redis; Client client = TestRedis.connect(redis.port(), SETTINGS)) {
            long first = id(client);
            redis.pause();
            try {
                // Each command times out. Because of these commands, the connection is one that waits for replies.
                await().atMost(TestRedis.LIMIT).ignoreExceptions().until(() -> {
                    var _ = client.store().run(commands -> commands.get("lamp-1")).onErrorComplete()
                            .block(TestRedis.LIMIT);
                    return !client.store().isConnected();
                });
            } finally {
                redis.resume();
            }
            await().atMost(TestRedis.LIMIT).ignoreExceptions().until(() -> id(client) != first);
        }
    }

    @Test
    void leaveAnIdleConnectionOpen() throws InterruptedException {
        try (EmbeddedRedis redis = EmbeddedRedis.start(folder);
                Client client = TestRedis.connect(redis, SETTINGS, TestRedis::admit)) {
            long first = id(client);
            Thread.sleep(4000);
            assertThat(id(client)).isEqualTo(first);
        }
    }

    private static long id(Client client) {
        return TestRedis
                .get(client.store().run(commands -> ((RedisAsyncCommands<String, String>) commands).clientId()));
    }
}
