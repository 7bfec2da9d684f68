package dev.postern;

import dev.postern.account.AccountLists;
import dev.postern.account.StoredBytes;
import dev.postern.call.Routing;
import dev.postern.catalog.Catalog;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.Applications;
import dev.postern.issuance.Terminals;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Applications, and the tokens that they get for themselves and for their terminals. */
@Configuration(proxyBeanMethods = false)
class ApplicationConfiguration {
    @Bean
    Applications applications(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock,
            TokenSettings settings) {
        return new Applications(redis.management(), lists, secrets, clock, settings);
    }

    @Bean
    AccessTokens accessTokens(RedisStore redis, SecretKeys secrets, Clock clock, TokenSettings settings,
            Routing routing) {
        return new AccessTokens(redis.management(), secrets, clock, settings,
                () -> routing.catalog().apis().stream().map(Catalog.Api::id).toList());
    }

    @Bean
    Terminals terminals(RedisStore redis, StoredBytes stored, SecretKeys secrets, Applications applications,
            Clock clock,
            TokenSettings settings) {
        return new Terminals(redis.management(), stored, secrets, applications, clock, settings);
    }
}
