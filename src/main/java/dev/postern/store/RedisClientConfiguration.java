package dev.postern.store;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.resource.Delay;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Timeouts, limits and reconnection of the Redis client. */
@Configuration(proxyBeanMethods = false)
class RedisClientConfiguration {
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration FIRST_RECONNECT = Duration.ofMillis(20);
    private static final Duration SLOWEST_RECONNECT = Duration.ofMillis(500);
    private static final Duration TOPOLOGY_PERIOD = Duration.ofSeconds(10);
    private static final Duration TOPOLOGY_PAUSE = Duration.ofSeconds(1);

    @Bean
    LettuceClientOptionsBuilderCustomizer boundedCommands(StoreSettings settings) {
        return options -> options.disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(settings.maxInFlight())
                .timeoutOptions(CommandTimeouts.options(settings.commandTimeout()))
                .socketOptions(
                        SocketOptions.builder().connectTimeout(settings.connectTimeout()).keepAlive(true).build());
    }

    /**
     * How soon a gate notices that slots have moved or that another node is the primary. A lost node is noticed at
     * once; one that hangs is found by asking the others periodically.
     */
    @Bean
    LettuceClientOptionsBuilderCustomizer clusterTopology(DataRedisProperties properties) {
        DataRedisProperties.Lettuce.Cluster.Refresh refresh = properties.getLettuce().getCluster().getRefresh();
        Duration period = refresh.getPeriod() == null ? TOPOLOGY_PERIOD : refresh.getPeriod();
        return options -> {
            if (options instanceof ClusterClientOptions.Builder cluster) {
                cluster.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .dynamicRefreshSources(refresh.isDynamicRefreshSources()).enablePeriodicRefresh(period)
                        .adaptiveRefreshTriggersTimeout(TOPOLOGY_PAUSE).build());
            }
        };
    }

    /**
     * Without this, handshakes and queries to sentinels and about the Cluster's topology would time out after a minute.
     * Commands have their own timeout.
     */
    @Bean
    LettuceClientConfigurationBuilderCustomizer boundedHandshakes(StoreSettings settings) {
        return client -> client.commandTimeout(settings.connectTimeout());
    }

    /** Makes timeouts exact to within {@code TICK}; by default Lettuce checks only ten times a second. */
    @Bean(destroyMethod = "stop")
    HashedWheelTimer storeTimer() {
        return new HashedWheelTimer(new DefaultThreadFactory("postern-redis-timer", true), TICK.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Bean
    ClientResourcesBuilderCustomizer exactLimits(HashedWheelTimer storeTimer) {
        return resources -> resources.timer(storeTimer);
    }

    /** A Redis that comes back is found within half a second; Lettuce's default delay grows to half a minute. */
    @Bean
    ClientResourcesBuilderCustomizer quickReconnect() {
        return resources -> resources.reconnectDelay(() -> Delay.fullJitter(FIRST_RECONNECT, SLOWEST_RECONNECT, 20,
                TimeUnit.MILLISECONDS));
    }

    @Bean
    ClientResourcesBuilderCustomizer guardedConnections(StoreSettings settings) {
        return resources -> resources.nettyCustomizer(new ConnectionGuards(settings.commandTimeout()));
    }
}
