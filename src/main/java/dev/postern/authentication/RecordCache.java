package dev.postern.authentication;

import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.store.CacheSettings;
import dev.postern.store.ChangeView;
import dev.postern.store.Patience;
import dev.postern.store.ReadThrough;
import dev.postern.store.RedisStore;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads records from Redis and caches those in use. */
public final class RecordCache implements RecordSource {
    private static final Logger LOG = LoggerFactory.getLogger(RecordCache.class);

    private final RedisStore redis;
    private final ChangeView view;
    private final ReadThrough<RecordRef, StoredRecord> records;

    public RecordCache(RedisStore redis, CacheSettings settings) {
        this.redis = redis;
        this.view = redis.changes().view();
        long present = settings.timeToLive().toNanos();
        long absent = settings.absentFor().toNanos();
        // A missing record is cached too, but only for absent-for. Callers can ask for any number of missing records;
        // the size limit keeps them from filling the gate's memory.
        this.records = new ReadThrough<>(view, RecordRef::key, record -> record.text().isPresent() ? present : absent,
                StoredRecord::bytes, settings.size().toBytes(), this::fetch);
    }

    @Override
    public Mono<List<StoredRecord>> read(List<RecordRef> refs, Patience patience) {
        return refs.size() == 1
                ? records.get(refs.getFirst(), patience).map(List::of)
                // The commands are pipelined: one round trip for all.
                : Flux.fromIterable(refs)
                        .flatMapSequential(ref -> records.get(ref, patience), Math.max(1, refs.size())).collectList();
    }

    @Override
    public @Nullable StoredRecord getIfUsable(RecordRef ref, long nanos, Patience patience) {
        return records.getIfUsable(ref, nanos, patience);
    }

    @Override
    public @Nullable Duration age(RecordRef ref) {
        return records.age(ref);
    }

    @Override
    public long nanoTime() {
        return view.nanoTime();
    }

    private Mono<StoredRecord> fetch(RecordRef ref) {
        return redis.run(commands -> ref.field().isPresent()
                ? commands.hget(ref.key(), ref.field().get())
                : commands.get(ref.key())).filter(text -> isBelieved(ref, text)).map(StoredRecord::of)
                .defaultIfEmpty(StoredRecord.NONE);
    }

    private boolean isBelieved(RecordRef ref, String text) {
        if (view.isRevived(ref.key(), text)) {
            LOG.warn("{} was deleted, but Redis has the same record again; this gate ignores it", ref.key());
            return false;
        }
        return true;
    }

    /** The number of cached records. */
    public long size() {
        return records.size();
    }

    /** Their estimated size in bytes. */
    public long bytes() {
        return records.bytes();
    }

    /** How often a record was read from Redis. */
    public long loads() {
        return records.loads();
    }

    public long hits() {
        return records.hits();
    }

    public long misses() {
        return records.misses();
    }
}
