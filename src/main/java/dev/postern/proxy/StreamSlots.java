package dev.postern.proxy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the streams that are open at a time: exchanges that stay for minutes or days, and must not use up the connections of
 * calls that are over in milliseconds.
 */
public final class StreamSlots {
    private final int max;
    private final AtomicInteger open = new AtomicInteger();

    StreamSlots(int max) {
        this.max = max;
    }

    /** Takes a slot, which its owner has to release; null when all are taken. */
    public @Nullable Slot acquire() {
        int before = open.getAndUpdate(taken -> Math.min(max, taken + 1));
        return before < max ? new Slot() : null;
    }

    /** How many are taken. */
    public int open() {
        return open.get();
    }

    /** The right to keep one stream open. */
    public final class Slot {
        private final AtomicBoolean released = new AtomicBoolean();

        private Slot() {}

        /** Gives the slot back. A second call does nothing. */
        public void release() {
            if (released.compareAndSet(false, true)) {
                open.decrementAndGet();
            }
        }
    }
}
