package dev.postern;

import dev.postern.account.AccountLists;
import dev.postern.account.StoredBytes;
import dev.postern.authentication.Issuers;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.ApiKeys;
import dev.postern.issuance.BlockedSubjects;
import dev.postern.issuance.ExpiringCredentials;
import dev.postern.issuance.ExpiringWatch;
import dev.postern.issuance.JwtTokens;
import dev.postern.issuance.ManagedApiKeys;
import dev.postern.issuance.RsaTokens;
import dev.postern.issuance.StaticTokens;
import dev.postern.issuance.TokenNameLookup;
import dev.postern.jose.CryptoWorkers;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Creates, changes and revokes API keys and tokens, except the tokens of applications. */
@Configuration(proxyBeanMethods = false)
class CredentialConfiguration {
    private static final int MAX_WAITING_KEYS = 16;

    @Bean
    ApiKeys apiKeys(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, OneNetSettings settings) {
        return new ApiKeys(redis.management(), stored, secrets, clock, settings.maxKeysPerAccount());
    }

    @Bean
    ManagedApiKeys managedApiKeys(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock,
            OneNetSettings settings) {
        return new ManagedApiKeys(redis.management(), lists, secrets, clock, settings.maxKeysPerAccount());
    }

    @Bean
    StaticTokens staticTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock,
            TokenSettings settings) {
        return new StaticTokens(redis.management(), lists, secrets, clock, settings);
    }

    /**
     * One thread and a short queue: generating a key pair can take seconds, and the cores are needed for other work.
     */
    @Bean
    CryptoWorkers keyMakers() {
        return new CryptoWorkers("postern-key-maker", 1, MAX_WAITING_KEYS);
    }

    @Bean
    RsaTokens rsaTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings,
            @Qualifier("keyMakers") CryptoWorkers keyMakers) {
        return new RsaTokens(redis.management(), lists, secrets, clock, settings, keyMakers);
    }

    @Bean
    JwtTokens jwtTokens(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings) {
        return new JwtTokens(redis.management(), lists, secrets, clock, settings);
    }

    @Bean
    BlockedSubjects blockedSubjects(RedisStore redis, StoredBytes stored, SecretKeys secrets, Issuers issuers,
            Clock clock) {
        return new BlockedSubjects(redis.management(), stored, secrets, issuers::isKnown, clock);
    }

    @Bean
    TokenNameLookup tokenNameLookup(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new TokenNameLookup(redis.management(), secrets, clock);
    }

    @Bean
    ExpiringCredentials expiringCredentials(RedisStore redis, SecretKeys secrets, Clock clock) {
        return new ExpiringCredentials(redis.management(), new CredentialRecords(redis.management(), secrets), clock,
                Duration.ofDays(30), 20);
    }

    @Bean
    ExpiringWatch expiringWatch(ExpiringCredentials credentials, Clock clock) {
        return new ExpiringWatch(credentials, clock);
    }
}
