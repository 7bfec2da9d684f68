package dev.postern.store;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.Delay;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** Puts the store together: the Redis that is configured, or an embedded one. */
@Configuration(proxyBeanMethods = false)
public class StoreConfiguration {
    private static final String FINGERPRINT_KEY = "postern:secret-keys";
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration FIRST_RECONNECT = Duration.ofMillis(20);
    private static final Duration SLOWEST_RECONNECT = Duration.ofMillis(500);
    private static final Duration TOPOLOGY_PERIOD = Duration.ofSeconds(10);
    private static final Duration TOPOLOGY_PAUSE = Duration.ofSeconds(1);

    /** Stands in for {@code spring.data.redis.*} where nothing of it is set. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(RedisConfigured.No.class)
    static class Embedded {
        @Bean
        EmbeddedRedis embeddedRedis(DataDirectory data) {
            return EmbeddedRedis.start(data.resolve("redis"));
        }

        @Bean
        DataRedisConnectionDetails embeddedRedisDetails(EmbeddedRedis redis) {
            return new DataRedisConnectionDetails() {
                @Override
                public Standalone getStandalone() {
                    return Standalone.of("127.0.0.1", redis.port());
                }

                @Override
                public @Nullable String getPassword() {
                    return redis.password();
                }
            };
        }
    }

    @Bean
    LettuceClientOptionsBuilderCustomizer boundedCommands(StoreSettings settings) {
        return options -> options.disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(settings.maxInFlight())
                .timeoutOptions(CommandTimeouts.options(settings.commandTimeout()))
                .socketOptions(
                        SocketOptions.builder().connectTimeout(settings.connectTimeout()).keepAlive(true).build());
    }

    /**
     * How soon a gate sees that slots have moved or that another node is the primary. Nodes that are lost show by themselves; one
     * that stands still is found out by asking the others now and then.
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

    /** Handshakes, and questions to sentinels and about a Cluster, would wait for a minute; commands have their own limit. */
    @Bean
    LettuceClientConfigurationBuilderCustomizer boundedHandshakes(StoreSettings settings) {
        return client -> client.commandTimeout(settings.connectTimeout());
    }

    /** Limits of time end within so much of what is set; by itself Lettuce looks only ten times a second. */
    @Bean(destroyMethod = "stop")
    HashedWheelTimer storeTimer() {
        return new HashedWheelTimer(new DefaultThreadFactory("postern-redis-timer", true), TICK.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Bean
    ClientResourcesBuilderCustomizer exactLimits(HashedWheelTimer storeTimer) {
        return resources -> resources.timer(storeTimer);
    }

    /** A Redis that comes back is found within half a second; Lettuce's own delay grows to half a minute. */
    @Bean
    ClientResourcesBuilderCustomizer quickReconnect() {
        return resources -> resources.reconnectDelay(() -> Delay.fullJitter(FIRST_RECONNECT, SLOWEST_RECONNECT, 20,
                TimeUnit.MILLISECONDS));
    }

    @Bean
    ClientResourcesBuilderCustomizer guardedConnections(StoreSettings settings) {
        return resources -> resources.nettyCustomizer(new ConnectionGuards(settings.commandTimeout()));
    }

    @Bean
    SecretKeys secretKeys(SecretKeysSettings settings, DataDirectory data, Environment environment) {
        Path file = settings.file() == null ? data.resolve("secret-keys.json") : Path.of(settings.file());
        boolean create = settings.create() == null ? !RedisConfigured.in(environment) : settings.create();
        return SecretKeys.load(file, create);
    }

    @Bean
    ManagementClient managementClient(LettuceConnectionFactory factory,
            ObjectProvider<ClientResourcesBuilderCustomizer> customizers, StoreSettings settings) {
        return new ManagementClient(factory, customizers.orderedStream().toList(), settings);
    }

    @Bean
    ManagementWorkers managementWorkers(StoreSettings settings) {
        return new ManagementWorkers(settings.management().workers());
    }

    @Bean
    AccountWork accountWork(ListingSettings settings, ManagementWorkers managementWorkers) {
        return new AccountWork(settings, managementWorkers);
    }

    @Bean
    RedisStore redisStore(LettuceConnectionFactory factory, ManagementClient managementClient,
            ManagementWorkers managementWorkers, SecretKeys secretKeys, CacheSettings cache, OutageSettings outage) {
        return new RedisStore(factory.getRequiredNativeClient(), managementClient.client(), managementWorkers,
                redis -> requireSameKeys(redis, secretKeys), cache, outage);
    }

    @Bean
    ChangeFollower changeFollower(RedisStore redis, GateIdentity identity) {
        return new ChangeFollower(redis, identity);
    }

    @Bean
    Replication replication(RedisStore redis) {
        return new Replication(redis.management());
    }

    @Bean
    UnreadableRecords unreadableRecords(RedisStore redis) {
        return redis.unreadable();
    }

    @Bean
    Gates gates(RedisStore redis) {
        return new Gates(redis.management());
    }

    @Bean
    HealthIndicator storeHealthIndicator(RedisStore redis) {
        return new StoreHealth(redis);
    }

    /** With other secret keys than those that it was filled with, every credential in Redis would read as unknown. */
    private static void requireSameKeys(RedisClusterAsyncCommands<String, String> redis, SecretKeys secretKeys) {
        String mine = secretKeys.fingerprint();
        String theirs = await(redis.get(FINGERPRINT_KEY));
        if (theirs == null) {
            // Only then: a Redis that takes no writes for the moment can still be read.
            await(redis.set(FINGERPRINT_KEY, mine, SetArgs.Builder.nx()));
            theirs = await(redis.get(FINGERPRINT_KEY));
        }
        if (!mine.equals(theirs)) {
            throw new StoreUnavailableException("Redis was filled by gates with other secret keys. Give this gate their"
                    + " file (postern.secret-keys.file), or another Redis");
        }
    }

    private static <T> @Nullable T await(Future<T> reply) {
        try {
            return reply.get(2, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("The gate is shutting down");
        } catch (ExecutionException | TimeoutException failed) {
            throw new StoreUnavailableException("Redis cannot be used: " + failed.getMessage(), failed);
        }
    }
}
