package dev.postern.store;

import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** Wires the store, with the configured Redis or an embedded one. */
@Configuration(proxyBeanMethods = false)
@Import({EmbeddedRedisConfiguration.class, RedisClientConfiguration.class})
public class StoreConfiguration {
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
        return new AccountWork(settings, managementWorkers, managementWorkers.count());
    }

    @Bean
    RedisStore redisStore(LettuceConnectionFactory factory, ManagementClient managementClient,
            ManagementWorkers managementWorkers, SecretKeys secretKeys, CacheSettings cache, OutageSettings outage) {
        return new RedisStore(factory.getRequiredNativeClient(), managementClient.client(), managementWorkers,
                new SameSecretKeys(secretKeys)::check, cache, outage);
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
}
