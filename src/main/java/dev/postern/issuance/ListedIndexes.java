package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads all entries of an account's list in the order of their creation, some at a time. It continues from the time of
 * the last entry rather than its rank, so that removing an entry concurrently does not hide another one.
 */
final class ListedIndexes {
    private static final int AT_ONCE = 1000;

    private final RedisStore redis;
    private final ListKind kind;

    ListedIndexes(RedisStore redis, ListKind kind) {
        this.redis = redis;
        this.kind = kind;
    }

    /**
     * Some entries, and the position reached so far.
     *
     * @param last the time of the last entry
     * @param seen the entries with that time that were already returned
     */
    private record Part(List<ScoredValue<String>> entries, double last, Set<String> seen, boolean isLast) {}

    Flux<ScoredValue<String>> of(AccountId account) {
        return read(account, new Part(List.of(), Double.NEGATIVE_INFINITY, Set.of(), false))
                .expand(part -> part.isLast() ? Mono.empty() : read(account, part))
                .concatMapIterable(Part::entries);
    }

    private Mono<Part> read(AccountId account, Part before) {
        int limit = AT_ONCE + before.seen().size();
        Range<Double> range = before.seen().isEmpty()
                ? Range.unbounded()
                : Range.from(Range.Boundary.including(before.last()), Range.Boundary.unbounded());
        return redis.run(commands -> commands.zrangebyscoreWithScores(kind.key(account), range, Limit.create(0, limit)))
                .map(found -> {
                    List<ScoredValue<String>> entries = found.stream()
                            .filter(entry -> !before.seen().contains(entry.getValue())).toList();
                    double last = found.isEmpty() ? before.last() : found.getLast().getScore();
                    Set<String> seen = new HashSet<>();
                    found.stream().filter(entry -> entry.getScore() == last).map(ScoredValue::getValue)
                            .forEach(seen::add);
                    return new Part(entries, last, seen, found.size() < limit);
                });
    }
}
