package dev.postern.search;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
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
    /** How many rows are searched before the next look at whether anybody still waits. */
    private static final int ROWS_AT_ONCE = 1024;
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

    /** Whether the rows fit into this memory, without what is reserved for more of them. */
    boolean fits(long max) {
        if (removed > 0 && needed() > max) {
            compact();
        }
        return needed() <= max;
    }

    private long needed() {
        return bytes.needed() + slots.memory() + Math.max(used, FIRST_SIZE) * BYTES_PER_SLOT;
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
     * @param givenUp whether nobody waits for the result any more; then the result is empty
     */
    Found find(NameIndexes.Search search, BooleanSupplier givenUp) {
        Matches matches = new Matches(bytes, starts, orders);
        Row row = new Row();
        @Nullable FuzzyTerm term = search.term().map(FuzzyTerm::new).orElse(null);
        for (int first = 0; first < used && !givenUp.getAsBoolean(); first += ROWS_AT_ONCE) {
            int end = Math.min(used, first + ROWS_AT_ONCE);
            if (term == null) {
                findAll(first, end, search.which(), row, matches);
            } else {
                find(first, end, term, search.which(), row, matches);
            }
        }
        return givenUp.getAsBoolean()
                ? new Found(0, List.of())
                : new Found(matches.count(), matches.page(search.first(), search.count()));
    }

    private void findAll(int first, int end, Predicate<NameIndexes.Candidate> which, Row row, Matches matches) {
        for (int slot = first; slot < end; slot++) {
            if (starts[slot] != REMOVED && which.test(row.at(slot))) {
                matches.addUnranked(slot);
            }
        }
    }

    private void find(int first, int end, FuzzyTerm term, Predicate<NameIndexes.Candidate> which, Row row,
            Matches matches) {
        char[] folded = bytes.folded();
        for (int slot = first; slot < end; slot++) {
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
