package dev.postern.authentication;

import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.store.Patience;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Where records are read for a decision. */
interface RecordSource {
    /** The records at these places, in their order. */
    Mono<List<StoredRecord>> read(List<RecordRef> refs, Patience patience);

    /**
     * The record at this place, if it is known without asking the store; null where it is not known.
     *
     * @param nanos what {@link #nanoTime} says now
     */
    @Nullable StoredRecord now(RecordRef ref, long nanos, Patience patience);

    /** The clock by which records are remembered, in nanoseconds from some moment on. */
    long nanoTime();
}
