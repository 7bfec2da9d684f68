package dev.postern;

import dev.postern.account.AccountLists;
import dev.postern.account.AccountPart;
import dev.postern.account.DeviceGroups;
import dev.postern.account.StoredBytes;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.StoredBytesCount;
import dev.postern.search.NameIndexes;
import dev.postern.store.AccountWork;
import dev.postern.store.ListingSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Accounts, their projects and users, and how much they store. */
@Configuration(proxyBeanMethods = false)
class AccountConfiguration {
    @Bean
    Accounts accounts(RedisStore redis, SecretKeys secrets, Clock clock, List<AccountPart> parts) {
        return new Accounts(redis.management(), secrets, clock, parts);
    }

    @Bean
    StoredBytes storedBytes(RedisStore redis, PosternProperties properties, Clock clock) {
        return new StoredBytes(redis.management(), clock, properties.accounts().maxStoredBytes(),
                new StoredBytesCount(redis.management())::run);
    }

    @Bean
    NameIndexes nameIndexes(RedisStore redis, AccountWork work, ListingSettings settings) {
        return new NameIndexes(redis.management(), work, settings.nameBytes());
    }

    @Bean
    AccountLists accountLists(StoredBytes stored, NameIndexes names) {
        return new AccountLists(stored, names);
    }

    @Bean
    DeviceGroups deviceGroups(RedisStore redis, AccountLists lists) {
        return new DeviceGroups(redis.management(), lists);
    }
}
