package dev.postern;

import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Issuer;
import dev.postern.authentication.Issuers;
import dev.postern.authentication.RecordCache;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.FetchBudget;
import dev.postern.jose.IssuerKeySettings;
import dev.postern.store.CacheSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.telemetry.VerificationMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/** Verifies credentials: the workers for cryptography, external issuers, and the cache of records. */
@Configuration(proxyBeanMethods = false)
class AuthenticationConfiguration {
    @Bean
    CryptoWorkers verifiers(TokenSettings settings) {
        return new CryptoWorkers("postern-verify", settings.verifiers(), settings.maxWaiting());
    }

    @Bean
    Issuers issuers(PosternProperties properties, SecretKeys secrets, TokenSettings settings,
            @Qualifier("verifiers") CryptoWorkers verifiers, Clock clock) {
        FetchBudget budget = FetchBudget.of(properties.issuers().size(), IssuerKeySettings.defaults(), clock);
        HttpClient client = HttpClient.newConnection();
        return new Issuers(properties.issuers().entrySet().stream()
                .map(entry -> Issuer.of(entry.getKey(), entry.getValue(), settings.clockSkew(), budget, client, secrets,
                        verifiers, clock))
                .toList());
    }

    @Bean
    RecordCache recordCache(RedisStore redis, CacheSettings settings) {
        return new RecordCache(redis, settings);
    }

    @Bean
    Authenticator authenticator(RecordCache records, RedisStore redis, SecretKeys secrets, TokenSettings settings,
            Issuers issuers, @Qualifier("verifiers") CryptoWorkers verifiers, Clock clock, MeterRegistry registry) {
        return new Authenticator(records, redis, secrets, settings, issuers, verifiers, clock,
                new VerificationMeters(registry)::verified);
    }
}
