package dev.postern.store;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many replicas should be there: the most that there were lately. A primary that sentinels have replaced knows nothing of that
 * for some seconds, only that its replicas have left it, and then loses what it has taken in.
 */
final class ExpectedReplicas {
    /** One that was taken away for good is not missed for longer. */
    static final Duration LATELY = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;
    private int most;
    private long seenAt;

    ExpectedReplicas(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes how many there are now; how many there should be. */
    synchronized int with(int connected) {
        long now = nanoTime.getAsLong();
        if (connected >= most || now - seenAt > LATELY.toNanos()) {
            most = Math.max(0, connected);
            seenAt = now;
        }
        return most;
    }
}
