package dev.postern.authentication;

import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.store.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Notes which records are read, and can show other ones in place of some. For one verification; not thread-safe. */
final class ObservedRecords implements RecordSource {
    private final RecordSource source;
    private final Map<RecordRef, StoredRecord> instead;
    private final List<ReadRecord> read = new ArrayList<>();

    /** @param instead the records to show in place of those in the store */
    ObservedRecords(RecordSource source, Map<RecordRef, StoredRecord> instead) {
        this.source = source;
        this.instead = Map.copyOf(instead);
    }

    List<ReadRecord> read() {
        return List.copyOf(read);
    }

    @Override
    public Mono<List<StoredRecord>> read(List<RecordRef> refs, Patience patience) {
        long now = source.nanoTime();
        Map<RecordRef, Duration> ages = new HashMap<>();
        for (RecordRef ref : refs) {
            Duration age = source.getIfUsable(ref, now, patience) == null ? null : source.age(ref);
            if (age != null) {
                ages.put(ref, age);
            }
        }
        return source.read(refs, patience).map(found -> {
            List<StoredRecord> shown = new ArrayList<>();
            for (int i = 0; i < refs.size(); i++) {
                StoredRecord record = instead.getOrDefault(refs.get(i), found.get(i));
                read.add(new ReadRecord(refs.get(i), record, instead.containsKey(refs.get(i)), ages.get(refs.get(i))));
                shown.add(record);
            }
            return shown;
        });
    }

    @Override
    public @Nullable StoredRecord getIfUsable(RecordRef ref, long nanos, Patience patience) {
        return source.getIfUsable(ref, nanos, patience);
    }

    @Override
    public long nanoTime() {
        return source.nanoTime();
    }
}
