package dev.postern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a gate remembers of the store, within a bound of bytes. A value counts until something of its subject changes, and for a
 * time that differs from entry to entry, so that they do not all end together.
 *
 * <p>A value is kept only if nothing has changed since before it was read: {@link #stamp} first, then read, then {@link #keep}.
 * So what was read before a change can never be put in its place after it.
 */
public final class NearCache<K, V> {
    /** What an entry takes besides its value, in bytes, with a key of 60 characters. */
    public static final int ENTRY_BYTES = 350;
    private static final double LEAST_LIFE = 0.8;
    private static final double REFRESH_AFTER = 0.75;

    private final ChangeView view;
    private final Function<K, String> subject;
    private final Life<V> life;
    private final Consumer<K> refresh;
    private final Cache<K, Entry<V>> entries;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** How long a value counts, in nanoseconds, if nobody tells of a change; 0 for not at all. */
    public interface Life<V> {
        long nanos(V value);
    }

    /**
     * @param subject  what an entry is about: what is said to have changed
     * @param bytes    what a value takes
     * @param maxBytes what all may take
     * @param refresh  told of an entry that is in use and will soon end; it is to read it again in the background
     */
    public NearCache(ChangeView view, Function<K, String> subject, Life<V> life, ToIntFunction<V> bytes, long maxBytes,
            Consumer<K> refresh) {
        this.view = view;
        this.subject = subject;
        this.life = life;
        this.refresh = refresh;
        this.entries = Caffeine.newBuilder().maximumWeight(maxBytes)
                .weigher((K _, Entry<V> entry) -> ENTRY_BYTES + bytes.applyAsInt(entry.value))
                .executor(Runnable::run).build();
    }

    /** How things stood before a value was read. */
    public record Stamp(int stripe, long generation, long epoch, boolean live) {}

    private static final class Entry<V> {
        private static final VarHandle REFRESHING;

        static {
            try {
                REFRESHING = MethodHandles.lookup().findVarHandle(Entry.class, "refreshing", boolean.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        final V value;
        final Stamp stamp;
        final long refreshFrom;
        final long expires;
        @SuppressWarnings("unused") // by its handle
        private volatile boolean refreshing;

        Entry(V value, Stamp stamp, long refreshFrom, long expires) {
            this.value = value;
            this.stamp = stamp;
            this.refreshFrom = refreshFrom;
            this.expires = expires;
        }

        boolean takeRefresh() {
            return REFRESHING.compareAndSet(this, false, true);
        }
    }

    /** To be taken before the store is asked. */
    public Stamp stamp(K key) {
        int stripe = ChangeView.stripe(subject.apply(key));
        return new Stamp(stripe, view.generation(stripe), view.epoch(), view.isLive(view.nanoTime()));
    }

    /** Whether nothing has changed since the stamp was taken. */
    public boolean isCurrent(Stamp stamp) {
        return view.generation(stamp.stripe()) == stamp.generation() && view.epoch() == stamp.epoch();
    }

    /** Keeps a value that was read after the stamp was taken, unless something has changed since. */
    public void keep(K key, V value, Stamp stamp) {
        long nanos = life.nanos(value);
        long now = view.nanoTime();
        // While nobody tells of changes nothing new is kept: it would be older than it looks.
        if (nanos <= 0 || !stamp.live() || !view.isLive(now) || !isCurrent(stamp)) {
            return;
        }
        long lives = (long) (nanos * ThreadLocalRandom.current().nextDouble(LEAST_LIFE, 1));
        entries.put(key, new Entry<>(value, stamp, now + (long) (lives * REFRESH_AFTER), now + lives));
    }

    /** What is remembered, if it counts at this moment by itself; null where the store has to be asked. */
    public @Nullable V now(K key, long now, Patience patience) {
        Entry<V> entry = patience == Patience.NONE ? null : entries.getIfPresent(key);
        if (entry != null && view.generation(entry.stamp.stripe()) == entry.stamp.generation()) {
            if (view.isLive(now)) {
                if (entry.stamp.epoch() == view.epoch() && now - entry.expires < 0) {
                    if (now - entry.refreshFrom >= 0 && entry.takeRefresh()) {
                        refresh.accept(key);
                    }
                    hits.increment();
                    return entry.value;
                }
            } else if (view.isDown(now) && view.lasts(entry.stamp.epoch(), entry.expires, now, patience)) {
                hits.increment();
                return entry.value;
            }
        }
        misses.increment();
        return null;
    }

    /** What is remembered and may be gone on with after the store did not answer; null for nothing. */
    public @Nullable V inOutage(K key, Patience patience) {
        Entry<V> entry = entries.getIfPresent(key);
        return entry != null && view.generation(entry.stamp.stripe()) == entry.stamp.generation()
                && view.lasts(entry.stamp.epoch(), entry.expires, view.nanoTime(), patience) ? entry.value : null;
    }

    /** How many are remembered. */
    public long size() {
        return entries.estimatedSize();
    }

    /** What they are thought to take, in bytes. */
    public long bytes() {
        return entries.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }
}
