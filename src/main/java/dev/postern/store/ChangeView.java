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
 * What one gate knows of changes: how often the subjects of each stripe have changed, up to when it has heard of all changes,
 * and which records have ended. What is remembered of the store counts by this alone, so that a change, however it is learnt
 * of, ends at once what rests on it.
 *
 * <p>An epoch begins whenever changes may have been missed. What is from an older one has to be read again before it counts.
 */
public final class ChangeView {
    /** After so long without a word from the log a gate is no longer sure to know all changes. */
    static final Duration LIVE_WITHIN = Duration.ofMillis(1500);

    private static final int STRIPES = 1 << 16;
    private static final int DIGEST_BYTES = 12;
    private static final int MAX_ENDED = 100_000;
    private static final Duration ENDED_FOR = Duration.ofHours(24);

    private static final Duration JUMP = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private final LongSupplier wallNanos;
    private final OutageSettings outage;
    private final AtomicLongArray generations = new AtomicLongArray(STRIPES);
    /** By subject, what stands for the text of the record that ended. */
    private final Cache<String, String> ended = Caffeine.newBuilder().maximumSize(MAX_ENDED)
            .expireAfterWrite(ENDED_FOR).executor(Runnable::run).build();
    private final AtomicLong epochs = new AtomicLong();
    private volatile boolean everHeard;
    private volatile long heard;
    /** The epoch in which it was heard. */
    private volatile long heardIn;
    private volatile boolean failing;
    /** How far the clock on the wall was ahead of the other one. Used by the one that follows the log. */
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

    /** The clock of everything here, in nanoseconds from some moment on. */
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

    /** Something about it has changed, or may have. */
    void changed(String subject) {
        generations.incrementAndGet(stripe(subject));
    }

    /** A record has ended: should the store ever go back to what it was before, that does not count. */
    void ended(String subject, String digest) {
        ended.put(subject, digest);
        changed(subject);
    }

    /** A record was made anew, perhaps just as one was that ended. */
    void made(String subject) {
        ended.invalidate(subject);
        changed(subject);
    }

    /**
     * Whether this text is of a record that has ended, and is there again because the store has gone back: a replica took over
     * that had not heard of the end, or a backup was restored.
     */
    public boolean isRevived(String subject, String text) {
        String digest = ended.getIfPresent(subject);
        return digest != null && digest.equals(digest(text));
    }

    /** Stands for the text of a record. */
    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Everything that was logged before this moment is known. */
    void heard(long moment) {
        heardIn = epochs.get();
        heard = moment;
        everHeard = true;
        failing = false;
    }

    /**
     * To be called now and then. While a machine is suspended its clock stands still by which all is measured here, and only the one
     * on the wall shows it afterwards: what was heard before is older by that. A clock that is merely set forward costs a look
     * at the log, and in an outage as much of the grace.
     *
     * @return whether it was, so that what was asked before is older than it looks
     */
    boolean compareClocks() {
        long now = wallNanos.getAsLong() - nanoTime.getAsLong();
        long suspended = now - ahead;
        ahead = now;
        if (suspended <= JUMP.toNanos()) {
            return false;
        }
        long before = heard;
        heard = before - suspended;
        return true;
    }

    /** Changes may have been missed. */
    void missed() {
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
        return everHeard && now - heard <= LIVE_WITHIN.toNanos();
    }

    boolean isDown(long now) {
        return failing && !isLive(now);
    }

    public StoreState state() {
        long now = nanoTime();
        return isLive(now) ? StoreState.LIVE : failing ? StoreState.DOWN : StoreState.SUSPECT;
    }

    /** For how long this gate has not been sure to know all changes; with what it remembers it may be as far behind. */
    public Duration staleness() {
        return Duration.ofNanos(everHeard ? Math.max(0, nanoTime() - heard) : 0);
    }

    /** For how long this gate may decide without Redis. */
    Duration longestGrace() {
        return outage.readGrace().compareTo(outage.writeGrace()) > 0 ? outage.readGrace() : outage.writeGrace();
    }

    /**
     * Whether what is remembered may be used without Redis.
     *
     * @param epoch   when it was read
     * @param expires until when it counts while Redis is there
     */
    boolean lasts(long epoch, long expires, long now, Patience patience) {
        long heardOfIt = heard;
        // Whatever is from an epoch before may have changed unheard, however long ago. In this order, as they are written in
        // the other.
        if (!everHeard || epoch < heardIn) {
            return false;
        }
        // It was known to be right for as long as changes were heard of, but no longer than it counts.
        long right = expires - heardOfIt < 0 ? expires : heardOfIt;
        return now - right <= outage.nanos(patience);
    }
}
