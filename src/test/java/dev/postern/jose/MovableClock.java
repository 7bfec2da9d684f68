package dev.postern.jose;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until it is moved. */
final class MovableClock extends Clock {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));

    private final AtomicInteger reads = new AtomicInteger();
    private volatile @Nullable Thread interjected;

    void move(Duration by) {
        now.updateAndGet(instant -> instant.plus(by));
    }

    /** Lets another thread go as far as it can when the time is asked for the so manieth time from now. */
    void interject(int read, Thread other) {
        interjected = other;
        reads.set(read);
    }

    @Override
    public Instant instant() {
        Thread other = interjected;
        if (reads.getAndDecrement() == 1 && other != null) {
            other.start();
            while (other.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
        }
        return now.get();
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }
}
