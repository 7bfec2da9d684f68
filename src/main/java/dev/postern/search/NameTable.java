package dev.postern.search;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The names in one list of an account, in a compact form in memory. A search compares the term with a signature of each
 * name, and reads only those names that can match. It finds the same as {@link NameSearch}. A name takes about
 * 150 bytes. Not thread-safe.
 */
final class NameTable {
    private static final int FIRST_SIZE = 64;
    /** The table is compacted when at least this many rows, and more than half of all rows, were removed. */
    private static final int MIN_REMOVED = 64;
    private static final int REMOVED = -1;
    private static final long BYTES_PER_SLOT = 2 * Integer.BYTES + 4 * Long.BYTES;

    private final SlotMap slots = new SlotMap();
    private RowBytes bytes = new RowBytes();
    /** Where the row of a slot begins in {@link #bytes}. */
    private int[] starts = new int[FIRST_SIZE];
    /** Where its folded name begins. */
    private int[] foldedStarts = new int[FIRST_SIZE];
    private long[] orders = new long[FIRST_SIZE];
    private long[] marks = new long[FIRST_SIZE];
    /** Signatures: which characters a folded name has, and which pairs of neighbours. */
    private long[] characters = new long[FIRST_SIZE];
    private long[] pairs = new long[FIRST_SIZE];
    private int used;
    private int removed;

    /** One page of what a search found. */
    record Found(int total, List<String> ids) {}

    int size() {
        return used - removed;
    }

    /** About how many bytes of memory the table takes. */
    long memory() {
        return bytes.memory() + slots.memory() + starts.length * BYTES_PER_SLOT;
    }

    /** Adds a row, or replaces the one with the same ID. */
    void put(NameSource.Item row) {
        byte[] id = row.id().getBytes(StandardCharsets.UTF_8);
        char[] folded = FuzzyTerm.folded(row.name()).toCharArray();
        remove(id);
        if (used == starts.length) {
            grow();
        }
        int slot = used++;
        foldedStarts[slot] = bytes.foldedEnd();
        starts[slot] = bytes.append(id, row.name(), folded);
        orders[slot] = row.order();
        marks[slot] = row.mark();
        characters[slot] = Signatures.characters(folded);
        pairs[slot] = Signatures.pairs(folded);
        slots.put(id, slot);
    }

    void remove(String id) {
        remove(id.getBytes(StandardCharsets.UTF_8));
    }

    private void remove(byte[] id) {
        int slot = slots.find(id, this::isAt);
        if (slot < 0) {
            return;
        }
        slots.remove(id, slot);
        starts[slot] = REMOVED;
        removed++;
        if (removed >= MIN_REMOVED && removed > used / 2) {
            compact();
        }
    }

    private boolean isAt(int slot, byte[] id) {
        return bytes.hasId(starts[slot], id);
    }

    /**
     * Finds one page of the matching items.
     *
     * @param term  the best match is first; null for all, in the order of the list
     * @param which a condition for the items
     * @param first the first position wanted, counted from 0
     * @param count the number of positions
     */
    Found find(@Nullable String term, Predicate<NameIndexes.Candidate> which, long first, int count) {
        Matches matches = new Matches(bytes, starts, orders);
        Row row = new Row();
        if (term == null) {
            for (int slot = 0; slot < used; slot++) {
                if (starts[slot] != REMOVED && which.test(row.at(slot))) {
                    matches.addUnranked(slot);
                }
            }
        } else {
            find(new FuzzyTerm(term), which, row, matches);
        }
        return new Found(matches.count(), matches.page(first, count));
    }

    private void find(FuzzyTerm term, Predicate<NameIndexes.Candidate> which, Row row, Matches matches) {
        char[] folded = bytes.folded();
        for (int slot = 0; slot < used; slot++) {
            if (starts[slot] == REMOVED || !term.canMatch(characters[slot], pairs[slot])) {
                continue;
            }
            int rank = term.rank(folded, foldedStarts[slot], bytes.foldedLength(starts[slot]));
            if (rank != FuzzyTerm.NO_MATCH && which.test(row.at(slot))) {
                matches.add(slot, rank, bytes.characters(starts[slot]));
            }
        }
    }

    /** The row that is being checked. One object is reused for all rows of a search. */
    private final class Row implements NameIndexes.Candidate {
        private int slot;

        Row at(int checked) {
            slot = checked;
            return this;
        }

        @Override
        public String id() {
            return bytes.id(starts[slot]);
        }

        @Override
        public long order() {
            return orders[slot];
        }

        @Override
        public long mark() {
            return marks[slot];
        }
    }

    /** Frees the memory that is reserved for more rows. */
    void trim() {
        bytes.trim();
        resize(Math.max(used, FIRST_SIZE));
    }

    private void grow() {
        resize((int) Math.min(Integer.MAX_VALUE - 8, starts.length * 3L / 2));
    }

    private void resize(int size) {
        starts = Arrays.copyOf(starts, size);
        foldedStarts = Arrays.copyOf(foldedStarts, size);
        orders = Arrays.copyOf(orders, size);
        marks = Arrays.copyOf(marks, size);
        characters = Arrays.copyOf(characters, size);
        pairs = Arrays.copyOf(pairs, size);
    }

    /** Moves the remaining rows together. */
    private void compact() {
        RowBytes kept = new RowBytes();
        slots.clear();
        int next = 0;
        for (int slot = 0; slot < used; slot++) {
            if (starts[slot] != REMOVED) {
                byte[] id = bytes.idBytes(starts[slot]);
                int foldedStart = kept.foldedEnd();
                starts[next] = kept.copy(bytes, starts[slot], foldedStarts[slot]);
                foldedStarts[next] = foldedStart;
                orders[next] = orders[slot];
                marks[next] = marks[slot];
                characters[next] = characters[slot];
                pairs[next] = pairs[slot];
                slots.put(id, next);
                next++;
            }
        }
        bytes = kept;
        used = next;
        removed = 0;
    }
}
