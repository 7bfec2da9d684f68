package dev.postern.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part of a list that is small enough to read its records with one command.
 *
 * @param isUnnoted whether this is a single entry whose size is not recorded
 */
public record Piece<T>(List<T> entries, boolean isUnnoted) {
    private static final int MAX_BYTES = 256 * 1024;

    public Piece {
        entries = List.copyOf(entries);
    }

    /**
     * Splits entries so that each command gets a moderately sized reply, unless a single record is larger: Redis serves
     * no other client while it writes a reply. An entry without a recorded size is read on its own.
     */
    public static <T> List<Piece<T>> of(List<T> entries, List<Optional<Integer>> sizes) {
        List<Piece<T>> pieces = new ArrayList<>();
        List<T> piece = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            Optional<Integer> size = sizes.get(i);
            if (!piece.isEmpty() && (size.isEmpty() || bytes + size.get() > MAX_BYTES)) {
                pieces.add(new Piece<>(piece, false));
                piece.clear();
                bytes = 0;
            }
            if (size.isEmpty()) {
                pieces.add(new Piece<>(List.of(entries.get(i)), true));
            } else {
                piece.add(entries.get(i));
                bytes += size.get();
            }
        }
        if (!piece.isEmpty()) {
            pieces.add(new Piece<>(piece, false));
        }
        return pieces;
    }
}
