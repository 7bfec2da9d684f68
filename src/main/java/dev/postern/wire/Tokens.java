package dev.postern.wire;

/** The character classes of RFC 9110, section 5.6. */
final class Tokens {
    private static final String SYMBOLS = "!#$%&'*+-.^_`|~";
    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            TOKEN[c] = (c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a');
        }
        SYMBOLS.chars().forEach(c -> TOKEN[c] = true);
    }

    private Tokens() {}

    static boolean isToken(byte b) {
        return b >= 0 && TOKEN[b];
    }

    /** Visible characters, blanks, tabs and all non-ASCII bytes. */
    static boolean isText(byte b) {
        return b < 0 || (b >= ' ' && b != 0x7f) || b == '\t';
    }
}
