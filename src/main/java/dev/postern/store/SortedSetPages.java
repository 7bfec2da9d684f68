package dev.postern.store;

import io.lettuce.core.ScoredValue;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads a sorted set page by page. Each page continues behind the last member of the page before, so that no member is
 * left out if others are added or removed meanwhile. A member whose score changes meanwhile can be missed, or read
 * twice.
 */
public final class SortedSetPages {
    private SortedSetPages() {}

    private record Part(List<ScoredValue<String>> members, long from) {}

    /** Reads the members in their order, with at most a few pages in memory. */
    public static Flux<List<ScoredValue<String>>> read(RedisStore redis, String key, int size) {
        return page(redis, key, 0, size)
                .expand(part -> part.members().size() < size
                        ? Mono.empty()
                        : next(redis, key, part, part.members().size() - 1)
                                .flatMap(from -> page(redis, key, from, size)),
                        1)
                .map(Part::members).filter(members -> !members.isEmpty());
    }

    private static Mono<Part> page(RedisStore redis, String key, long from, int size) {
        return redis.run(commands -> commands.zrangeWithScores(key, from, from + size - 1))
                .map(members -> new Part(members, from));
    }

    /** The rank at which to continue: behind the last member that is still there. */
    private static Mono<Long> next(RedisStore redis, String key, Part part, int last) {
        return last < 0
                ? Mono.just(part.from())
                : redis.run(commands -> commands.zrank(key, part.members().get(last).getValue()))
                        .map(rank -> rank + 1)
                        .switchIfEmpty(Mono.defer(() -> next(redis, key, part, last - 1)));
    }
}
