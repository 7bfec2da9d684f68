package dev.postern.access;

/** Percent-escapes in request targets: what they stand for, and which characters need none. */
final class Escapes {
    /** Characters that a parameter may contain unescaped, besides letters and digits. */
    private static final String SAFE_IN_QUERY = "-._~!$()*+,:@/?";

    private Escapes() {}

    /** The gate does not interpret these values, but the backend must split the forwarded query as the gate does. */
    static String safeValue(String raw) throws AmbiguousTarget {
        if (isSafeInQuery(raw)) {
            return raw;
        }
        StringBuilder safe = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (hexByte(raw, i) == 0) {
                    throw new AmbiguousTarget("The query contains a NUL.");
                }
                safe.append(c);
            } else if (c < 0x20 || c == 0x7f) {
                throw new AmbiguousTarget("The query contains a control character.");
            } else if (c > 0xff) {
                throw new AmbiguousTarget("The query contains a character that is not allowed in a URL.");
            } else if (isSafeInQuery(c)) {
                safe.append(c);
            } else {
                // The HTTP server decodes the request line as one character per byte.
                safe.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
            }
        }
        return safe.toString();
    }

    private static boolean isSafeInQuery(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            if (!isSafeInQuery(raw.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSafeInQuery(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || SAFE_IN_QUERY.indexOf(c) >= 0;
    }

    static String decode(String raw, String part) throws AmbiguousTarget {
        if (isPlain(raw)) {
            return raw;
        }
        StringBuilder decoded = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                c = (char) hexByte(raw, i);
                i += 2;
            }
            if (c < 0x20 || c == 0x7f) {
                throw new AmbiguousTarget("The " + part + " contains a control character.");
            }
            if (c > 0x7f) {
                throw new AmbiguousTarget("The " + part + " contains a non-ASCII character.");
            }
            decoded.append(c);
        }
        return decoded.toString();
    }

    /** Whether it decodes to itself: printable ASCII without escapes. */
    private static boolean isPlain(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c < 0x20 || c >= 0x7f || c == '%') {
                return false;
            }
        }
        return true;
    }

    private static int hexByte(String raw, int at) throws AmbiguousTarget {
        if (at + 2 >= raw.length()) {
            throw new AmbiguousTarget("The request target ends in the middle of a percent-escape.");
        }
        int high = hexDigit(raw.charAt(at + 1));
        int low = hexDigit(raw.charAt(at + 2));
        if (high < 0 || low < 0) {
            throw new AmbiguousTarget("The request target contains a malformed percent-escape.");
        }
        return high << 4 | low;
    }

    /** Not Character.digit, which accepts digits of every script. */
    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        return lower >= 'a' && lower <= 'f' && c < 0x80 ? lower - 'a' + 10 : -1;
    }
}
