package dev.postern.search;

/**
 * Signatures of folded names. Each character, and each pair of neighbours, sets one of 64 bits. A name can contain a
 * term only if it has all bits of the term; with typos, a few may be missing.
 */
final class Signatures {
    /** How many pairs of a term one typo can break: swapping two characters changes the pair and both beside it. */
    static final int PAIRS_PER_TYPO = 3;

    private static final int MIX = 0x9E3779B1;
    private static final int TOP_SIX_BITS = 26;
    private static final int ANOTHER = 31;

    private Signatures() {}

    static long characters(char[] text) {
        long bits = 0;
        for (int i = 0; i < text.length; i++) {
            bits |= 1L << characterBit(text, i);
        }
        return bits;
    }

    static long pairs(char[] text) {
        long bits = 0;
        for (int i = 1; i < text.length; i++) {
            bits |= 1L << pairBit(text, i);
        }
        return bits;
    }

    /** The bit of the character at a place. */
    static int characterBit(char[] text, int at) {
        return bit(text[at] + 1);
    }

    /** The bit of the character at a place and the one before it. */
    static int pairBit(char[] text, int at) {
        return bit((text[at - 1] * ANOTHER + text[at]) * ANOTHER + 1);
    }

    private static int bit(int hash) {
        return (hash * MIX) >>> TOP_SIX_BITS;
    }
}
