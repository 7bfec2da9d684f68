package dev.postern;

import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.credential.Accounts;
import dev.postern.credential.ApiKeys;
import dev.postern.credential.Authenticator;
import dev.postern.management.OperatorToken;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.proxy.CommonBackend;
import dev.postern.proxy.ForwardingSettings;
import dev.postern.store.DataDirectory;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.SecretKeysSettings;
import dev.postern.store.StoreSettings;
import dev.postern.telemetry.GateMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Hands each part its settings and the parts that it stands on. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PosternProperties.class)
class PosternConfiguration {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    DataDirectory dataDirectory(PosternProperties properties) {
        return new DataDirectory(Path.of(properties.dataDir()));
    }

    @Bean
    SecretKeysSettings secretKeysSettings(PosternProperties properties) {
        return properties.secretKeys();
    }

    @Bean
    StoreSettings storeSettings(PosternProperties properties) {
        return properties.store();
    }

    @Bean
    ForwardingSettings forwardingSettings(PosternProperties properties) {
        return properties.forwarding();
    }

    @Bean
    OneNetSettings oneNetSettings(PosternProperties properties) {
        return properties.onenet();
    }

    @Bean
    Catalog catalog(PosternProperties properties) {
        return Catalog.compile(properties.apis());
    }

    @Bean
    CommonBackend commonBackend(PosternProperties properties) {
        return new CommonBackend(Optional.ofNullable(properties.backend()).filter(address -> !address.isBlank())
                .map(address -> BackendAddress.parse("postern.backend", address)));
    }

    @Bean
    OperatorToken operatorToken(PosternProperties properties, DataDirectory data) {
        return OperatorToken.load(properties.operatorToken(), data.resolve("operator-token"));
    }

    @Bean
    Accounts accounts(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new Accounts(redis, secrets, clock);
    }

    @Bean
    ApiKeys apiKeys(RedisStore redis, SecretKeys secrets, Clock clock, OneNetSettings settings) {
        return new ApiKeys(redis, secrets, clock, settings.maxKeysPerAccount());
    }

    @Bean
    Authenticator authenticator(RedisStore redis, SecretKeys secrets) {
        return new Authenticator(redis, secrets);
    }

    @Bean
    GateMeters gateMeters(MeterRegistry registry, RedisStore redis) {
        GateMeters meters = new GateMeters(registry);
        meters.watchStore(redis::inFlight, redis::failures, redis::isConnected);
        return meters;
    }
}
