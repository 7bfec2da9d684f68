package dev.postern.credential;

import io.lettuce.core.ScoredValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Entries of a list whose records are read by one command.
 *
 * @param isUnnoted whether it is a single one whose size is not noted
 */
record Piece(List<ScoredValue<String>> entries, boolean isUnnoted) {
    Piece {
        entries = List.copyOf(entries);
    }

    /**
     * Splits entries so that no command reads more than so many bytes, unless a single record is larger. What has no noted size is
     * read by itself.
     */
    static List<Piece> of(List<ScoredValue<String>> entries, List<Optional<Integer>> sizes, int maxBytes) {
        List<Piece> pieces = new ArrayList<>();
        List<ScoredValue<String>> piece = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            Optional<Integer> size = sizes.get(i);
            if (!piece.isEmpty() && (size.isEmpty() || bytes + size.get() > maxBytes)) {
                pieces.add(new Piece(piece, false));
                piece.clear();
                bytes = 0;
            }
            if (size.isEmpty()) {
                pieces.add(new Piece(List.of(entries.get(i)), true));
            } else {
                piece.add(entries.get(i));
                bytes += size.get();
            }
        }
        if (!piece.isEmpty()) {
            pieces.add(new Piece(piece, false));
        }
        return pieces;
    }
}
