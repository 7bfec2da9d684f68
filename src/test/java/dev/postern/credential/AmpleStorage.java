package dev.postern.credential;

import dev.postern.store.RedisStore;
import java.time.Clock;
import org.springframework.util.unit.DataSize;

/** For tests of something else: accounts may store more than they do there. */
public final class AmpleStorage {
    private AmpleStorage() {}

    public static StoredBytes of(RedisStore redis) {
        return new StoredBytes(redis, Clock.systemUTC(), DataSize.ofGigabytes(1));
    }
}
