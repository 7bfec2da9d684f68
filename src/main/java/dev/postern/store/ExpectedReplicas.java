package dev.postern.store;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many replicas are expected: the most that were connected lately. For some seconds, a primary does not know that
 * sentinels have replaced it: it only sees that its replicas have left, and the writes that it still accepts are lost.
 */
final class ExpectedReplicas {
    /** After this time, a replica that was removed for good is no longer expected. */
    static final Duration LATELY = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;
    private int most;
    private long seenAt;

    ExpectedReplicas(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Records how many are connected now, and returns how many are expected. */
    synchronized int with(int connected) {
        long now = nanoTime.getAsLong();
        if (connected >= most || now - seenAt > LATELY.toNanos()) {
            most = Math.max(0, connected);
            seenAt = now;
        }
        return most;
    }
}
