package dev.postern.usage;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A fixed-size set of recently added 64-bit marks, which are hashes, without locks or allocation. It may forget a mark
 * at any time, older ones first, but never contains a mark that was not added, with one exception: 0 and 1 are treated
 * as the same mark.
 */
final class RecentMarks {
    /**
     * The number of neighbouring slots that can hold a mark: few enough to scan quickly, but enough that marks are
     * rarely evicted early.
     */
    private static final int WAYS = 8;

    private final AtomicLongArray slots;

    /** @param size the capacity in marks; rounded up to a power of two */
    RecentMarks(int size) {
        slots = new AtomicLongArray(Math.max(WAYS, Integer.highestOneBit(Math.max(1, size - 1)) << 1));
    }

    boolean contains(long mark) {
        long wanted = notEmpty(mark);
        int first = firstSlot(wanted);
        for (int i = 0; i < WAYS; i++) {
            if (slots.getOpaque(first + i) == wanted) {
                return true;
            }
        }
        return false;
    }

    void add(long mark) {
        if (contains(mark)) {
            return;
        }
        long moved = notEmpty(mark);
        int first = firstSlot(moved);
        for (int i = 0; i < WAYS; i++) {
            moved = slots.getAndSet(first + i, moved);
        }
    }

    private int firstSlot(long mark) {
        return (int) mark & (slots.length() - 1) & -WAYS;
    }

    /** 0 means that a slot is empty. */
    private static long notEmpty(long mark) {
        return mark == 0 ? 1 : mark;
    }
}
