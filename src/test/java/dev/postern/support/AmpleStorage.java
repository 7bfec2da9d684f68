package dev.postern.support;

import dev.postern.account.AccountLists;
import dev.postern.account.AccountPart;
import dev.postern.account.DeviceGroups;
import dev.postern.account.StoredBytes;
import dev.postern.credential.CredentialUse;
import dev.postern.issuance.StoredBytesCount;
import dev.postern.search.NameIndexes;
import dev.postern.store.AccountWork;
import dev.postern.store.ListingSettings;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** Storage limits that no test reaches, for tests of something else. */
public final class AmpleStorage {
    private static final long NAME_BYTES = 100_000_000;

    private AmpleStorage() {}

    public static StoredBytes of(RedisStore redis) {
        return new StoredBytes(redis, Clock.systemUTC(), DataSize.ofGigabytes(1),
                new StoredBytesCount(redis)::run);
    }

    public static AccountLists lists(RedisStore redis) {
        AccountWork work = new AccountWork(new ListingSettings(8, 16, 256, Duration.ofSeconds(10),
                Duration.ofSeconds(30), null), task -> Thread.ofVirtual().start(task), 2);
        return new AccountLists(of(redis), new NameIndexes(redis, work, NAME_BYTES));
    }

    /** What an account owns besides credentials and devices. */
    public static List<AccountPart> parts(RedisStore redis) {
        return List.of(of(redis), new DeviceGroups(redis, lists(redis)),
                new CredentialUse(redis, Clock.systemUTC()));
    }
}
