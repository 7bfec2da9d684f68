package dev.postern.search;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows that a search found. Only the wanted page is sorted: a common term can match all names. Ordered by rank,
 * then the length of the name, the name, and the order of the list.
 */
final class Matches {
    private static final int FIRST_SIZE = 64;
    private static final int RANK_BITS = 4;
    private static final int LENGTH_BITS = 12;
    private static final int MAX_LENGTH = (1 << LENGTH_BITS) - 1;
    private static final int PREFIX_BYTES = 6;
    private static final int NEXT_BYTES = 8;

    private final RowBytes bytes;
    private final int[] starts;
    private final long[] orders;
    private int[] slots = new int[FIRST_SIZE];
    /** The rank, the length of the name and its first six bytes. */
    private long[] first = new long[FIRST_SIZE];
    /** The next eight bytes of the name. */
    private long[] second = new long[FIRST_SIZE];
    private int count;
    private boolean isRanked = true;

    Matches(RowBytes bytes, int[] starts, long[] orders) {
        this.bytes = bytes;
        this.starts = starts;
        this.orders = orders;
    }

    int count() {
        return count;
    }

    void add(int slot, int rank, int length) {
        int start = starts[slot];
        add(slot, (long) rank << (Long.SIZE - RANK_BITS)
                | (long) Math.min(length, MAX_LENGTH) << (Long.SIZE - RANK_BITS - LENGTH_BITS)
                | bytes.prefix(start, 0, PREFIX_BYTES), bytes.prefix(start, PREFIX_BYTES, NEXT_BYTES));
    }

    /** Adds a row that is sorted only by its place in the list. */
    void addUnranked(int slot) {
        isRanked = false;
        add(slot, 0, orders[slot]);
    }

    private void add(int slot, long firstKey, long secondKey) {
        if (count == slots.length) {
            int size = Math.multiplyExact(count, 2);
            slots = Arrays.copyOf(slots, size);
            first = Arrays.copyOf(first, size);
            second = Arrays.copyOf(second, size);
        }
        slots[count] = slot;
        first[count] = firstKey;
        second[count] = secondKey;
        count++;
    }

    /** The IDs at these positions. */
    List<String> page(long from, int length) {
        int begin = (int) Math.min(from, count);
        int end = (int) Math.min(from + length, count);
        if (begin == end) {
            return List.of();
        }
        select(0, count - 1, begin);
        select(begin, count - 1, end - 1);
        return IntStream.range(begin, end).boxed().sorted(this::compare)
                .map(at -> bytes.id(starts[slots[at]])).toList();
    }

    /** Quickselect: puts the row that belongs at this position there, and the smaller ones before it. */
    private void select(int low, int high, int wanted) {
        int from = low;
        int to = high;
        while (from < to) {
            swap(medianOfThree(from, to), to);
            int boundary = from;
            for (int at = from; at < to; at++) {
                if (compare(at, to) < 0) {
                    swap(at, boundary);
                    boundary++;
                }
            }
            swap(boundary, to);
            if (boundary == wanted) {
                return;
            }
            if (boundary < wanted) {
                from = boundary + 1;
            } else {
                to = boundary - 1;
            }
        }
    }

    private int medianOfThree(int low, int high) {
        int middle = (low + high) >>> 1;
        int smaller = compare(low, middle) < 0 ? low : middle;
        int larger = smaller == low ? middle : low;
        if (compare(high, smaller) < 0) {
            return smaller;
        }
        return compare(high, larger) < 0 ? high : larger;
    }

    private void swap(int one, int other) {
        int slot = slots[one];
        slots[one] = slots[other];
        slots[other] = slot;
        long key = first[one];
        first[one] = first[other];
        first[other] = key;
        key = second[one];
        second[one] = second[other];
        second[other] = key;
    }

    private int compare(int one, int other) {
        int compared = Long.compareUnsigned(first[one], first[other]);
        if (compared == 0) {
            compared = Long.compareUnsigned(second[one], second[other]);
        }
        if (compared != 0 || slots[one] == slots[other]) {
            return compared;
        }
        int start = starts[slots[one]];
        int otherStart = starts[slots[other]];
        compared = isRanked ? bytes.compareNames(start, otherStart) : 0;
        if (compared == 0) {
            compared = Long.compare(orders[slots[one]], orders[slots[other]]);
        }
        return compared == 0 ? bytes.compareIds(start, otherStart) : compared;
    }
}
