package dev.postern.store;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Optional;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;

/**
 * The configuration of the management client: that of another client, with its own resources and options.
 *
 * @param like               the other client's configuration
 * @param getClientResources its own event loops
 * @param getClientOptions   its own limits
 */
record ManagementClientConfiguration(LettuceClientConfiguration like, Optional<ClientResources> getClientResources,
        Optional<ClientOptions> getClientOptions) implements LettuceClientConfiguration {
    @Override
    public boolean isUseSsl() {
        return like.isUseSsl();
    }

    @Override
    @SuppressWarnings("deprecation") // the interface still requires it
    public boolean isVerifyPeer() {
        return like.isVerifyPeer();
    }

    @Override
    public SslVerifyMode getVerifyMode() {
        return like.getVerifyMode();
    }

    @Override
    public boolean isStartTls() {
        return like.isStartTls();
    }

    @Override
    public Optional<String> getClientName() {
        return like.getClientName();
    }

    @Override
    public Optional<ReadFrom> getReadFrom() {
        return like.getReadFrom();
    }

    @Override
    public Optional<RedisCredentialsProviderFactory> getRedisCredentialsProviderFactory() {
        return like.getRedisCredentialsProviderFactory();
    }

    @Override
    public Duration getCommandTimeout() {
        return like.getCommandTimeout();
    }

    @Override
    public Duration getShutdownTimeout() {
        return like.getShutdownTimeout();
    }

    @Override
    public Duration getShutdownQuietPeriod() {
        return like.getShutdownQuietPeriod();
    }
}
