package dev.postern.access;

/**
 * Keeps some of the segments that were read, because the same ones come with almost every request. It is read and
 * written without locks: a lost entry costs a copy, and strings are immutable, so any thread may read them.
 */
final class KnownSegments {
    private static final int SIZE = 1024;
    /** Longer segments are not kept, so that the memory is bounded. */
    private static final int LONGEST = 40;
    private static final String[] KNOWN = new String[SIZE];

    private KnownSegments() {}

    /** The same as {@code text.substring(from, to)}. */
    static String substring(String text, int from, int to) {
        int length = to - from;
        if (length > LONGEST) {
            return text.substring(from, to);
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int slot = (hash ^ hash >>> 16) & (SIZE - 1);
        String known = KNOWN[slot];
        if (known != null && known.length() == length && text.startsWith(known, from)) {
            return known;
        }
        String fresh = text.substring(from, to);
        KNOWN[slot] = fresh;
        return fresh;
    }
}
