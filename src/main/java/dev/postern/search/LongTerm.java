package dev.postern.search;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the typos of a term with more than 64 characters, as {@link FuzzyTerm} does for shorter ones: a column of the
 * table takes several words, and each word tells the next one how its last cell changed. Not thread-safe.
 */
final class LongTerm {
    private final int length;
    private final int words;
    /** For each character, a bit for each of its positions in the term. */
    private final Map<Character, long[]> positions = new HashMap<>();
    private final long[] nowhere;
    private final long[] plus;
    private final long[] minus;
    private final long[] diagonal;

    LongTerm(char[] term) {
        this.length = term.length;
        this.words = (term.length + Long.SIZE - 1) / Long.SIZE;
        this.nowhere = new long[words];
        this.plus = new long[words];
        this.minus = new long[words];
        this.diagonal = new long[words];
        for (int i = 0; i < term.length; i++) {
            positions.computeIfAbsent(term[i], _ -> new long[words])[i / Long.SIZE] |= 1L << i;
        }
    }

    /** The smallest number of edits that turn the term into a part of the text; 1 if there are fewer. */
    int typos(char[] text, int from, int end) {
        Arrays.fill(plus, -1);
        Arrays.fill(minus, 0);
        Arrays.fill(diagonal, 0);
        long[] before = nowhere;
        int distance = length;
        int fewest = distance;
        for (int i = from; i < end && fewest > 1; i++) {
            long[] here = positions.getOrDefault(text[i], nowhere);
            distance += column(here, before);
            fewest = Math.min(fewest, distance);
            before = here;
        }
        return fewest;
    }

    /** Computes the next column and returns how its last cell differs from that of the one before. */
    private int column(long[] here, long[] before) {
        // The first row is zero everywhere.
        long upIn = 0;
        long downIn = 0;
        long swapIn = 0;
        for (int word = 0; word < words; word++) {
            long swappable = ~diagonal[word] & here[word];
            long swapped = (swappable << 1 | swapIn) & before[word];
            swapIn = swappable >>> (Long.SIZE - 1);
            long equal = here[word] | downIn;
            long same = (((equal & plus[word]) + plus[word]) ^ plus[word]) | equal | minus[word] | swapped;
            long up = minus[word] | ~(same | plus[word]);
            long down = same & plus[word];
            int last = word == words - 1 ? (length - 1) % Long.SIZE : Long.SIZE - 1;
            long upOut = up >>> last & 1;
            long downOut = down >>> last & 1;
            up = up << 1 | upIn;
            down = down << 1 | downIn;
            plus[word] = down | ~(same | up);
            minus[word] = up & same;
            diagonal[word] = same;
            upIn = upOut;
            downIn = downOut;
        }
        return (int) (upIn - downIn);
    }
}
