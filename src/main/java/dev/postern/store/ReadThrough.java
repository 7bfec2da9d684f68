package dev.postern.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * A {@link NearCache} that reads by itself what it does not know: once for all who ask meanwhile, and ahead of its end while it
 * is in use. While the store does not answer it goes on with what it remembers, as long as the caller's {@link Patience} lasts.
 */
public final class ReadThrough<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(ReadThrough.class);
    /** What changes while it is read is read again so often. */
    private static final int ATTEMPTS = 8;
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final ChangeView view;
    private final Function<K, Mono<V>> source;
    private final NearCache<K, V> cache;
    private final Duration longest;
    private final ConcurrentMap<K, Reading<V>> underWay = new ConcurrentHashMap<>();

    /** @param source reads a value; never empty */
    public ReadThrough(ChangeView view, Function<K, String> subject, NearCache.Life<V> life, ToIntFunction<V> bytes,
            long maxBytes, Function<K, Mono<V>> source) {
        this(view, subject, life, bytes, maxBytes, source, LONGEST);
    }

    ReadThrough(ChangeView view, Function<K, String> subject, NearCache.Life<V> life, ToIntFunction<V> bytes,
            long maxBytes, Function<K, Mono<V>> source, Duration longest) {
        this.view = view;
        this.source = source;
        this.longest = longest;
        this.cache = new NearCache<>(view, subject, life, bytes, maxBytes, this::refresh);
    }

    /** A value that is being read, and how things stood before. */
    private record Reading<V>(NearCache.Stamp stamp, CompletableFuture<V> value) {}

    /** What is remembered, if it counts at this moment by itself; null where the store has to be asked. */
    public @Nullable V now(K key, long nanos, Patience patience) {
        return cache.now(key, nanos, patience);
    }

    /** The value, remembered or read; an error, {@link StoreUnavailableException}, when neither can be. */
    public Mono<V> get(K key, Patience patience) {
        return Mono.defer(() -> {
            V known = cache.now(key, view.nanoTime(), patience);
            return known == null ? read(key, patience) : Mono.just(known);
        });
    }

    private Mono<V> read(K key, Patience patience) {
        return EventLoops.await(read(key)).onErrorResume(StoreUnavailableException.class, outage -> {
            V known = cache.inOutage(key, patience);
            return known == null ? Mono.error(outage) : Mono.just(known);
        });
    }

    /** Joins who is reading it, unless something has changed since that began. */
    private CompletableFuture<V> read(K key) {
        Reading<V> joined = underWay.get(key);
        if (joined != null && cache.isCurrent(joined.stamp())) {
            return joined.value();
        }
        Reading<V> mine = new Reading<>(cache.stamp(key), new CompletableFuture<>());
        underWay.put(key, mine);
        try {
            // The store bounds each command. This is for what may never come, where memory has run out in the midst of a reply.
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
                ? new StoreUnavailableException("A record was not read within " + longest.toSeconds() + " s", failure)
                : failure);
    }

    private Mono<V> read(K key, NearCache.Stamp stamp, int attempts) {
        return source.apply(key).flatMap(value -> {
            if (cache.isCurrent(stamp)) {
                cache.keep(key, value, stamp);
                return Mono.just(value);
            }
            // It may have been read before the change: who comes after it must not be told.
            return attempts > 1
                    ? Mono.defer(() -> read(key, cache.stamp(key), attempts - 1))
                    : Mono.error(new StoreUnavailableException("A record changes faster than it can be read"));
        }).switchIfEmpty(Mono.error(() -> new IllegalStateException("a source is never empty")));
    }

    private void refresh(K key) {
        var _ = read(key).whenComplete((_, failure) -> {
            if (failure != null) {
                // Whoever needs it next is told.
                LOG.debug("What is in use could not be read again: {}", failure.toString());
            }
        });
    }

    public long size() {
        return cache.size();
    }

    public long bytes() {
        return cache.bytes();
    }

    public long hits() {
        return cache.hits();
    }

    public long misses() {
        return cache.misses();
    }

    /** How many values are being read. */
    public int underWay() {
        return underWay.size();
    }
}
