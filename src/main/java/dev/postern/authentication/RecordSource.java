package dev.postern.authentication;

import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.store.Patience;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads the records that a decision needs. */
interface RecordSource {
    /** Reads the records at these locations, in the given order. */
    Mono<List<StoredRecord>> read(List<RecordRef> refs, Patience patience);

    /**
     * The cached record at this location, if it may be used without asking the store; otherwise null.
     *
     * @param nanos the current {@link #nanoTime}
     */
    @Nullable StoredRecord getIfUsable(RecordRef ref, long nanos, Patience patience);

    /** How long ago the cached record at this location was read from the store; null if none is cached. */
    default @Nullable Duration age(RecordRef ref) {
        return null;
    }

    /** The clock of the cache, in nanoseconds from an arbitrary origin. */
    long nanoTime();
}
