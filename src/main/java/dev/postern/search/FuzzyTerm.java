package dev.postern.search;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A search term, prepared for comparing it with many names. It ignores case and tolerates a few typos; it may match any
 * part of a name. Not thread-safe.
 */
final class FuzzyTerm {
    /** Returned for a name that does not match. */
    static final int NO_MATCH = -1;

    /** Terms of at least this length may have one typo; terms of at least {@link #TWO_TYPOS} characters, two. */
    private static final int ONE_TYPO = 4;
    private static final int TWO_TYPOS = 8;
    private static final int EQUAL = 0;
    private static final int PREFIX = 1;
    private static final int WORD_PREFIX = 2;
    private static final int SUBSTRING = 3;
    private static final int ASCII = 128;

    private final char[] term;
    private final int maxTypos;
    private final long characters;
    private final long pairs;
    /** For each bit of the signature, how many places of the term set it. */
    private final int[] characterCounts = new int[Long.SIZE];
    private final int[] pairCounts = new int[Long.SIZE];
    /** For each character, a bit for each of its positions in the term. Used for terms of at most 64 characters. */
    private final long[] asciiPositions = new long[ASCII];
    private final Map<Character, Long> otherPositions = new HashMap<>();
    private final @Nullable LongTerm longTerm;

    FuzzyTerm(String term) {
        this.term = folded(term).toCharArray();
        this.maxTypos = this.term.length >= TWO_TYPOS ? 2 : this.term.length >= ONE_TYPO ? 1 : 0;
        this.characters = Signatures.characters(this.term);
        this.pairs = Signatures.pairs(this.term);
        for (int i = 0; i < this.term.length; i++) {
            characterCounts[Signatures.characterBit(this.term, i)]++;
            if (i > 0) {
                pairCounts[Signatures.pairBit(this.term, i)]++;
            }
        }
        this.longTerm = this.term.length > Long.SIZE ? new LongTerm(this.term) : null;
        for (int i = 0; i < Math.min(this.term.length, Long.SIZE); i++) {
            long bit = 1L << i;
            char character = this.term[i];
            if (character < ASCII) {
                asciiPositions[character] |= bit;
            } else {
                otherPositions.merge(character, bit, (one, other) -> one | other);
            }
        }
    }

    /** The form in which names and terms are compared. */
    static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT).strip();
    }

    /** Whether a name with these {@link Signatures} can match. */
    boolean canMatch(long nameCharacters, long namePairs) {
        return missing(characters & ~nameCharacters, characterCounts, maxTypos) <= maxTypos
                && missing(pairs & ~namePairs, pairCounts, maxTypos * Signatures.PAIRS_PER_TYPO) <= maxTypos
                        * Signatures.PAIRS_PER_TYPO;
    }

    /** How many positions of the term set one of these bits. If there are more than the maximum, may return fewer. */
    private static int missing(long bits, int[] counts, int max) {
        int missing = Long.bitCount(bits);
        if (missing == 0 || missing > max) {
            return missing;
        }
        missing = 0;
        for (long left = bits; left != 0; left &= left - 1) {
            missing += counts[Long.numberOfTrailingZeros(left)];
        }
        return missing;
    }

    /**
     * Compares the term with a name.
     *
     * @param text   holds the folded name
     * @param from   where the name begins
     * @param length the number of its characters
     * @return how far the name is from the term, 0 if they are equal; {@link #NO_MATCH} if it does not match
     */
    int rank(char[] text, int from, int length) {
        int end = from + length;
        int found = indexOf(text, from, end);
        if (found == from) {
            return length == term.length ? EQUAL : PREFIX;
        }
        if (found > from) {
            for (; found >= 0; found = indexOf(text, found + 1, end)) {
                if (!Character.isLetterOrDigit(Character.codePointBefore(text, found, from))) {
                    return WORD_PREFIX;
                }
            }
            return SUBSTRING;
        }
        if (maxTypos == 0) {
            return NO_MATCH;
        }
        if (length < term.length - maxTypos) {
            return NO_MATCH;
        }
        int typos = longTerm == null ? typos(text, from, end) : longTerm.typos(text, from, end);
        return typos <= maxTypos ? SUBSTRING + typos : NO_MATCH;
    }

    private int indexOf(char[] text, int from, int end) {
        for (int start = from; start <= end - term.length; start++) {
            int same = 0;
            while (same < term.length && text[start + same] == term[same]) {
                same++;
            }
            if (same == term.length) {
                return start;
            }
        }
        return -1;
    }

    /**
     * The smallest number of edits that turn the term into a part of the name: inserting, deleting or replacing a
     * character, or swapping two neighbours. This is Hyyrö's bit-parallel form of Sellers' algorithm, which fills a
     * table of edit distances. The first row of the table is zero, because the match may begin anywhere. The bits of
     * {@code plus} and {@code minus} hold one column, as the differences between neighbouring cells.
     */
    private int typos(char[] text, int from, int end) {
        long plus = -1;
        long minus = 0;
        long diagonal = 0;
        long before = 0;
        long last = 1L << (term.length - 1);
        int distance = term.length;
        int fewest = distance;
        for (int i = from; i < end && fewest > 1; i++) {
            char character = text[i];
            long here = character < ASCII ? asciiPositions[character] : otherPositions.getOrDefault(character, 0L);
            long swapped = ((~diagonal & here) << 1) & before;
            diagonal = (((here & plus) + plus) ^ plus) | here | minus | swapped;
            long up = minus | ~(diagonal | plus);
            long down = diagonal & plus;
            if ((up & last) != 0) {
                distance++;
            } else if ((down & last) != 0) {
                distance--;
                fewest = Math.min(fewest, distance);
            }
            // A zero is shifted in, because the match may begin anywhere.
            up <<= 1;
            down <<= 1;
            plus = down | ~(diagonal | up);
            minus = up & diagonal;
            before = here;
        }
        return fewest;
    }
}
