package dev.postern.support;

import dev.postern.account.AccountPart;
import dev.postern.account.DeviceGroups;
import dev.postern.account.StoredBytes;
import dev.postern.credential.CredentialUse;
import dev.postern.issuance.StoredBytesCount;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** For tests of something else: accounts may store more than they do there. */
public final class AmpleStorage {
    private AmpleStorage() {}

    public static StoredBytes of(RedisStore redis) {
        return new StoredBytes(redis, Clock.systemUTC(), DataSize.ofGigabytes(1),
                new StoredBytesCount(redis)::run);
    }

    /** What an account owns besides credentials and devices. */
    public static List<AccountPart> parts(RedisStore redis) {
        return List.of(of(redis), new DeviceGroups(redis, of(redis)),
                new CredentialUse(redis, Clock.systemUTC()));
    }
}
