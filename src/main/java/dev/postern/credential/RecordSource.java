package dev.postern.credential;

import dev.postern.store.RedisStore;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where records are read for a decision. */
interface RecordSource {
    /** The records at these places, in their order, all read at once; empty where there is none. */
    Mono<List<Optional<String>>> read(List<RecordRef> refs);

    /** Redis: one command a record, in one turn. */
    static RecordSource of(RedisStore redis) {
        return refs -> refs.size() == 1
                ? read(redis, refs.getFirst()).map(List::of)
                // The commands go out together, and their replies come back in one turn.
                : Flux.fromIterable(refs).flatMapSequential(ref -> read(redis, ref), Math.max(1, refs.size()))
                        .collectList();
    }

    private static Mono<Optional<String>> read(RedisStore redis, RecordRef ref) {
        return redis.run(commands -> ref.field().isPresent()
                ? commands.hget(ref.key(), ref.field().get())
                : commands.get(ref.key())).map(Optional::of).defaultIfEmpty(Optional.empty());
    }
}
