package dev.postern.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part of a list whose records are read with one command.
 *
 * @param isUnnoted whether this is a single entry whose size is not recorded
 */
public record ReadChunk<T>(List<T> entries, boolean isUnnoted) {
    private static final int MAX_BYTES = 256 * 1024;

    public ReadChunk {
        entries = List.copyOf(entries);
    }

    /**
     * Splits entries so that each command gets a moderately sized reply, unless a single record is larger: Redis serves
     * no other client while it writes a reply. An entry without a recorded size is read on its own.
     */
    public static <T> List<ReadChunk<T>> of(List<T> entries, List<Optional<Integer>> sizes) {
        List<ReadChunk<T>> chunks = new ArrayList<>();
        List<T> chunk = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            Optional<Integer> size = sizes.get(i);
            if (!chunk.isEmpty() && (size.isEmpty() || bytes + size.get() > MAX_BYTES)) {
                chunks.add(new ReadChunk<>(chunk, false));
                chunk.clear();
                bytes = 0;
            }
            if (size.isEmpty()) {
                chunks.add(new ReadChunk<>(List.of(entries.get(i)), true));
            } else {
                chunk.add(entries.get(i));
                bytes += size.get();
            }
        }
        if (!chunk.isEmpty()) {
            chunks.add(new ReadChunk<>(chunk, false));
        }
        return chunks;
    }
}
