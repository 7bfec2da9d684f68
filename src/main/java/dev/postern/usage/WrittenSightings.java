package dev.postern.usage;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers which sightings this gate has written lately, so that a device in constant use is written once an hour and
 * not once a second. Written sightings are valid for one era only. A new era begins each hour, so that counts that
 * Redis has lost are restored, and whenever an account is deleted.
 */
final class WrittenSightings {
    private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

    private final RecentMarks marks;
    private final AtomicLong forgotten = new AtomicLong();

    /** @param size the capacity in sightings, of 8 bytes each */
    WrittenSightings(int size) {
        this.marks = new RecentMarks(size);
    }

    /**
     * The era of a time. Must be read before the sighting is sent to Redis: an account may be forgotten before the
     * reply.
     */
    long era(long now) {
        return Math.floorDiv(now, HOUR_MILLIS) + forgotten.get();
    }

    boolean contains(long hash, long era) {
        return marks.contains(mark(hash, era));
    }

    void add(long hash, long era) {
        marks.add(mark(hash, era));
    }

    /** Begins a new era: everything written before is treated as not written. */
    void forgetAll() {
        forgotten.incrementAndGet();
    }

    private static long mark(long hash, long era) {
        return SightingHash.scramble(hash + SightingHash.scramble(era));
    }
}
