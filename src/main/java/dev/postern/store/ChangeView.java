package dev.postern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * One gate's knowledge of changes: a counter of changes for each stripe of subjects, the moment up to which the gate
 * knows all changes, and the records that were revoked. Only these, and the expiry of a cached value, decide whether
 * the value is valid. So a change invalidates all values that depend on it at once, however the gate learns of the
 * change.
 *
 * <p>A new epoch begins whenever changes may have been missed. A value from an older epoch must be read again before it
 * is valid.
 */
public final class ChangeView {
    /** After this long without news from the log, a gate is no longer certain to know all changes. */
    static final Duration LIVE_WITHIN = Duration.ofMillis(1500);

    private static final int STRIPES = 1 << 16;
    private static final int DIGEST_BYTES = 12;
    private static final int MAX_REVOKED = 100_000;
    private static final Duration REVOKED_FOR = Duration.ofHours(24);

    private static final Duration JUMP = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private final LongSupplier wallNanos;
    private final OutageSettings outage;
    private final AtomicLongArray generations = new AtomicLongArray(STRIPES);
    /** By subject, the digest of the revoked record. */
    private final Cache<String, String> revoked = Caffeine.newBuilder().maximumSize(MAX_REVOKED)
            .expireAfterWrite(REVOKED_FOR).executor(Runnable::run).build();
    private final AtomicLong epochs = new AtomicLong();
    private volatile boolean everCaughtUp;
    private volatile long caughtUpAt;
    /** The epoch at the time of {@code caughtUpAt}. */
    private volatile long caughtUpIn;
    private volatile boolean failing;
    /** How far the wall clock was ahead of the monotonic one. Used only by the thread that follows the log. */
    private long ahead;

    ChangeView(OutageSettings outage, LongSupplier nanoTime) {
        this(outage, nanoTime, () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()));
    }

    ChangeView(OutageSettings outage, LongSupplier nanoTime, LongSupplier wallNanos) {
        this.outage = outage;
        this.nanoTime = nanoTime;
        this.wallNanos = wallNanos;
        this.ahead = wallNanos.getAsLong() - nanoTime.getAsLong();
    }

    /** The clock for all times here, in nanoseconds from an arbitrary origin. */
    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    static int stripe(String subject) {
        int hash = subject.hashCode();
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }

    long generation(int stripe) {
        return generations.get(stripe);
    }

    long epoch() {
        return epochs.get();
    }

    /** Records that the subject has changed, or may have. */
    void changed(String subject) {
        generations.incrementAndGet(stripe(subject));
    }

    /**
     * Records that a record was revoked: if the store ever goes back to an earlier state, the old record is not valid.
     */
    void recordRevoked(String subject, String digest) {
        revoked.put(subject, digest);
        changed(subject);
    }

    /** Records that a record was created, perhaps equal to one that was revoked. */
    void recordCreated(String subject) {
        revoked.invalidate(subject);
        changed(subject);
    }

    /**
     * Whether this text belongs to a revoked record that is back because the store went back to an earlier state: a
     * replica took over before it had the revocation, or a backup was restored.
     */
    public boolean isRevived(String subject, String text) {
        String digest = revoked.getIfPresent(subject);
        return digest != null && digest.equals(digest(text));
    }

    /** A short digest that identifies the text of a record. */
    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Records that this gate knows everything that was logged before this moment. */
    void caughtUp(long moment) {
        caughtUpIn = epochs.get();
        caughtUpAt = moment;
        everCaughtUp = true;
        failing = false;
    }

    /**
     * Call this regularly. While a machine is suspended, the monotonic clock that measures all times here stands still;
     * afterwards only the wall clock shows the gap, and everything heard before is older by that much. If the
     * wall clock was merely set forward, the gate is uncertain until it has read the log once more, and the grace of an
     * outage is shorter by the time that the clock jumped.
     *
     * @return whether the machine was suspended, so that earlier answers are older than they look
     */
    boolean compareClocks() {
        long now = wallNanos.getAsLong() - nanoTime.getAsLong();
        long suspended = now - ahead;
        ahead = now;
        if (suspended <= JUMP.toNanos()) {
            return false;
        }
        long before = caughtUpAt;
        caughtUpAt = before - suspended;
        return true;
    }

    /** Starts a new epoch, because changes may have been missed. */
    void startEpoch() {
        epochs.incrementAndGet();
    }

    /** How often changes may have been missed. */
    public long gaps() {
        return epoch();
    }

    void commandAnswered() {
        if (failing) {
            failing = false;
        }
    }

    void commandFailed() {
        if (!failing) {
            failing = true;
        }
    }

    boolean isLive(long now) {
        return everCaughtUp && now - caughtUpAt <= LIVE_WITHIN.toNanos();
    }

    boolean isDown(long now) {
        return failing && !isLive(now);
    }

    public StoreState state() {
        long now = nanoTime();
        return isLive(now) ? StoreState.LIVE : failing ? StoreState.DOWN : StoreState.SUSPECT;
    }

    /** How long ago this gate last knew all changes; its cached records may be outdated by as much. */
    public Duration staleness() {
        return Duration.ofNanos(everCaughtUp ? Math.max(0, nanoTime() - caughtUpAt) : 0);
    }

    /** How long this gate may decide without Redis. */
    Duration longestGrace() {
        return outage.readGrace().compareTo(outage.writeGrace()) > 0 ? outage.readGrace() : outage.writeGrace();
    }

    /**
     * Whether a cached value may be used without Redis.
     *
     * @param epoch   the epoch in which it was read
     * @param expires when it expires while Redis is available
     */
    boolean lasts(long epoch, long expires, long now, Patience patience) {
        // Read before caughtUpIn, because caughtUp() writes them in the opposite order.
        long lastCaughtUp = caughtUpAt;
        // The record of a value from an earlier epoch may have changed without this gate noticing.
        if (!everCaughtUp || epoch < caughtUpIn) {
            return false;
        }
        // It was known to be right until the last news of changes, but not beyond its expiry.
        long right = expires - lastCaughtUp < 0 ? expires : lastCaughtUp;
        return now - right <= outage.nanos(patience);
    }
}
