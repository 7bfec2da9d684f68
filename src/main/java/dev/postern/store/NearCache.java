package dev.postern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Caches the store's records in memory, up to a size limit in bytes. A value's subject is the name that the log of
 * changes uses for the value. A value is valid until its subject changes or the entry expires.
 * Lifetimes vary from entry to entry, so that entries do not all expire together.
 *
 * <p>A value is cached only if its subject did not change while it was being read: call {@link #stamp}, then read, then
 * call {@link #keep}. So a value that was read before a change is never used once the gate has learned of the change.
 */
public final class NearCache<K, V> {
    /** The size of an entry without its value, in bytes, with a key of 60 characters. */
    public static final int ENTRY_BYTES = 350;
    private static final double MIN_LIFETIME_FRACTION = 0.8;
    private static final double REFRESH_AFTER = 0.75;

    private final ChangeView view;
    private final Function<K, String> subject;
    private final TimeToLive<V> timeToLive;
    private final Consumer<K> refresh;
    private final Cache<K, Entry<V>> entries;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** The lifetime of a value, in nanoseconds, unless a change is reported sooner; 0 means "do not cache". */
    public interface TimeToLive<V> {
        long nanos(V value);
    }

    /**
     * @param subject  returns the subject of the value with this key
     * @param bytes    the size of a value
     * @param maxBytes the limit for all entries
     * @param refresh  called with the key of an entry that is in use and expires soon; should read the value again in
     *                 the background
     */
    public NearCache(ChangeView view, Function<K, String> subject, TimeToLive<V> timeToLive, ToIntFunction<V> bytes,
            long maxBytes,
            Consumer<K> refresh) {
        this.view = view;
        this.subject = subject;
        this.timeToLive = timeToLive;
        this.refresh = refresh;
        this.entries = Caffeine.newBuilder().maximumWeight(maxBytes)
                .weigher((K _, Entry<V> entry) -> ENTRY_BYTES + bytes.applyAsInt(entry.value))
                .executor(Runnable::run).build();
    }

    /** The state of the view before a value was read. */
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
        @SuppressWarnings("unused") // through its VarHandle
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

    /** Take this before asking the store. */
    public Stamp stamp(K key) {
        int stripe = ChangeView.stripe(subject.apply(key));
        return new Stamp(stripe, view.generation(stripe), view.epoch(), view.isLive(view.nanoTime()));
    }

    /**
     * Whether the subject has not changed, and no new epoch has begun, since the stamp was taken. Subjects share a
     * fixed number of change counters (the stripes of {@link ChangeView}), so this may be false because another subject
     * has changed.
     */
    boolean isCurrent(Stamp stamp) {
        return view.generation(stamp.stripe()) == stamp.generation() && view.epoch() == stamp.epoch();
    }

    /**
     * Caches a value that was read after the stamp was taken, if the stamp {@linkplain #isCurrent is current}.
     */
    public void keep(K key, V value, Stamp stamp) {
        long nanos = timeToLive.nanos(value);
        long now = view.nanoTime();
        // If the gate has not heard from the log of changes for a while, it may have missed a change: do not cache.
        if (nanos <= 0 || !stamp.live() || !view.isLive(now) || !isCurrent(stamp)) {
            return;
        }
        long lives = (long) (nanos * ThreadLocalRandom.current().nextDouble(MIN_LIFETIME_FRACTION, 1));
        entries.put(key, new Entry<>(value, stamp, now + (long) (lives * REFRESH_AFTER), now + lives));
    }

    /**
     * The cached value, if it may be used without asking the store; otherwise null. While Redis is down, that includes
     * a value that has expired, within the grace period.
     */
    public @Nullable V getIfUsable(K key, long now, Patience patience) {
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

    /** The cached value, if it may be used because the store did not answer; otherwise null. */
    public @Nullable V inOutage(K key, Patience patience) {
        Entry<V> entry = entries.getIfPresent(key);
        return entry != null && view.generation(entry.stamp.stripe()) == entry.stamp.generation()
                && view.lasts(entry.stamp.epoch(), entry.expires, view.nanoTime(), patience) ? entry.value : null;
    }

    /** How long ago the cached value was read from the store; null if none is cached. Does not count as a use. */
    public @Nullable Duration age(K key) {
        Entry<V> entry = entries.policy().getIfPresentQuietly(key);
        if (entry == null) {
            return null;
        }
        long read = entry.expires - Math.round((entry.expires - entry.refreshFrom) / (1 - REFRESH_AFTER));
        return Duration.ofNanos(Math.max(0, view.nanoTime() - read));
    }

    /** The number of entries. */
    public long size() {
        return entries.estimatedSize();
    }

    /** Their estimated size, in bytes. */
    long bytes() {
        return entries.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }
}
