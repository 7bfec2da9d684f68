package dev.postern.store;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The Redis client for management. It connects to the same Redis as the client for decisions, but shares neither
 * connections nor event loops with it, so that a large reply to one never delays a reply to the other.
 */
final class ManagementClient implements AutoCloseable {
    private static final int EVENT_LOOPS = 2;
    private static final long SHUTDOWN_SECONDS = 2;

    private final ClientResources resources;
    private final LettuceConnectionFactory factory;

    /**
     * Creates the client without connecting yet.
     *
     * @param decisions   the factory whose addresses, credentials and TLS settings are used
     * @param customizers configure event loops and connections, as for decisions
     */
    ManagementClient(LettuceConnectionFactory decisions, List<ClientResourcesBuilderCustomizer> customizers,
            StoreSettings settings) {
        DefaultClientResources.Builder builder = DefaultClientResources.builder();
        customizers.forEach(customizer -> customizer.customize(builder));
        builder.ioThreadPoolSize(EVENT_LOOPS);
        builder.nettyCustomizer(new ConnectionGuards(settings.management().commandTimeout()));
        builder.threadFactoryProvider(pool -> new DefaultThreadFactory("management-" + pool, true));
        this.resources = builder.build();
        this.factory = new LettuceConnectionFactory(address(decisions),
                new ManagementClientConfiguration(decisions.getClientConfiguration(), Optional.of(resources),
                        decisions.getClientConfiguration().getClientOptions()
                                .map(options -> options(options, settings.management()))));
        this.factory.afterPropertiesSet();
    }

    private static RedisConfiguration address(LettuceConnectionFactory factory) {
        if (factory.getClusterConfiguration() != null) {
            return factory.getClusterConfiguration();
        }
        if (factory.getSentinelConfiguration() != null) {
            return factory.getSentinelConfiguration();
        }
        return factory.getSocketConfiguration() != null
                ? factory.getSocketConfiguration()
                : factory.getStandaloneConfiguration();
    }

    private static ClientOptions options(ClientOptions like, StoreSettings.Management settings) {
        return like.mutate().requestQueueSize(settings.maxInFlight())
                .timeoutOptions(CommandTimeouts.options(settings.commandTimeout())).build();
    }

    AbstractRedisClient client() {
        return factory.getRequiredNativeClient();
    }

    @Override
    public void close() {
        factory.destroy();
        var _ = resources.shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(SHUTDOWN_SECONDS,
                TimeUnit.SECONDS);
    }
}
