package dev.postern.express;

/** The classes of bytes in the head of a plain request, and comparisons that need no strings. */
final class Bytes {
    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";
    /** The characters of a target besides letters and digits: those that are passed on unchanged, and separators. */
    private static final String TARGET_SYMBOLS = "-._~!$()*+,:@/?&=%";
    private static final boolean[] TOKEN = alphanumericAnd(TOKEN_SYMBOLS);
    private static final boolean[] TARGET = alphanumericAnd(TARGET_SYMBOLS);

    private Bytes() {}

    private static boolean[] alphanumericAnd(String symbols) {
        boolean[] members = new boolean[256];
        for (char c = '0'; c <= 'z'; c++) {
            members[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
        }
        symbols.chars().forEach(c -> members[c] = true);
        return members;
    }

    static boolean isToken(byte b) {
        return TOKEN[b & 0xff];
    }

    static boolean isTarget(byte b) {
        return TARGET[b & 0xff];
    }

    /** Printable ASCII, including the blank. */
    static boolean isText(byte b) {
        return b >= ' ' && b < 0x7f;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    static boolean isHex(byte b) {
        return isDigit(b) || ((b | 0x20) >= 'a' && (b | 0x20) <= 'f');
    }

    /** Whether the bytes from..to are this ASCII text, in any case. */
    static boolean equalsIgnoringCase(byte[] bytes, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (lower(bytes[from + i]) != lower(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }
}
