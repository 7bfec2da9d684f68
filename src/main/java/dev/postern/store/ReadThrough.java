package dev.postern.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * A {@link NearCache} that reads missing values itself: once for all callers that ask at the same time, and again
 * before a value in use expires. While the store does not answer, it uses cached values within the limits of the
 * caller's {@link Patience}.
 */
public final class ReadThrough<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(ReadThrough.class);
    /** Attempts to read a value that changes while it is read. */
    private static final int ATTEMPTS = 8;
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final ChangeView view;
    private final Function<K, Mono<V>> source;
    private final NearCache<K, V> cache;
    private final Duration longest;
    private final ConcurrentMap<K, Reading<V>> underWay = new ConcurrentHashMap<>();

    /** @param source reads a value; never empty */
    public ReadThrough(ChangeView view, Function<K, String> subject, NearCache.TimeToLive<V> timeToLive,
            ToIntFunction<V> bytes,
            long maxBytes, Function<K, Mono<V>> source) {
        this(view, subject, timeToLive, bytes, maxBytes, source, LONGEST);
    }

    ReadThrough(ChangeView view, Function<K, String> subject, NearCache.TimeToLive<V> timeToLive,
            ToIntFunction<V> bytes,
            long maxBytes, Function<K, Mono<V>> source, Duration longest) {
        this.view = view;
        this.source = source;
        this.longest = longest;
        this.cache = new NearCache<>(view, subject, timeToLive, bytes, maxBytes, this::refresh);
    }

    private final LongAdder loads = new LongAdder();

    /** A value that is being read, and the stamp from before the read. */
    private record Reading<V>(NearCache.Stamp stamp, CompletableFuture<V> value) {}

    /** The cached value, if it may be used without asking the store; otherwise null. */
    public @Nullable V getIfUsable(K key, long nanos, Patience patience) {
        return cache.getIfUsable(key, nanos, patience);
    }

    /** The cached value, or else a newly read one; {@link StoreUnavailableException} if there is neither. */
    public Mono<V> get(K key, Patience patience) {
        return Mono.defer(() -> {
            V known = cache.getIfUsable(key, view.nanoTime(), patience);
            return known == null ? read(key, patience) : Mono.just(known);
        });
    }

    private Mono<V> read(K key, Patience patience) {
        return EventLoops.await(read(key)).onErrorResume(StoreUnavailableException.class, outage -> {
            V known = cache.inOutage(key, patience);
            return known == null ? Mono.error(outage) : Mono.just(known);
        });
    }

    /** Joins a read that is under way, unless something has changed since it began. */
    private CompletableFuture<V> read(K key) {
        Reading<V> joined = underWay.get(key);
        if (joined != null && cache.isCurrent(joined.stamp())) {
            return joined.value();
        }
        Reading<V> mine = new Reading<>(cache.stamp(key), new CompletableFuture<>());
        underWay.put(key, mine);
        try {
            // The store has a timeout for each command. This limit is for a reply that is never complete, because
            // memory ran out while it was read.
            var _ = Mono.defer(() -> read(key, mine.stamp(), ATTEMPTS)).timeout(longest).subscribe(value -> {
                underWay.remove(key, mine);
                mine.value().complete(value);
            }, failure -> fail(key, mine, failure));
        } catch (Error failed) {
            fail(key, mine, failed);
            throw failed;
        }
        return mine.value();
    }

    private void fail(K key, Reading<V> reading, Throwable failure) {
        underWay.remove(key, reading);
        reading.value().completeExceptionally(failure instanceof TimeoutException
                ? new StoreUnavailableException("A record could not be read within " + longest.toSeconds() + " s",
                        failure)
                : failure);
    }

    private Mono<V> read(K key, NearCache.Stamp stamp, int attempts) {
        loads.increment();
        return source.apply(key).flatMap(value -> {
            if (cache.isCurrent(stamp)) {
                cache.keep(key, value, stamp);
                return Mono.just(value);
            }
            // The value may be from before the change; callers that came after the change must not get it.
            return attempts > 1
                    ? Mono.defer(() -> read(key, cache.stamp(key), attempts - 1))
                    : Mono.error(new StoreUnavailableException("A record keeps changing while it is read"));
        }).switchIfEmpty(Mono.error(() -> new IllegalStateException("a source is never empty")));
    }

    private void refresh(K key) {
        var _ = read(key).whenComplete((_, failure) -> {
            if (failure != null) {
                // The next caller reads it again and gets the error.
                LOG.debug("A cached record could not be refreshed: {}", failure.toString());
            }
        });
    }

    /** How long ago the cached value was read from the store; null if none is cached. Does not count as a use. */
    public @Nullable Duration age(K key) {
        return cache.age(key);
    }

    public long size() {
        return cache.size();
    }

    public long bytes() {
        return cache.bytes();
    }

    /** How often a value was read from the store: because it was missing, because it changed, or to refresh it. */
    public long loads() {
        return loads.sum();
    }

    public long hits() {
        return cache.hits();
    }

    public long misses() {
        return cache.misses();
    }

    /** How many values are being read. */
    int underWay() {
        return underWay.size();
    }
}
