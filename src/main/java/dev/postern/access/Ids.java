package dev.postern.access;

/** The syntax of every ID that can appear in a request: {@code [A-Za-z0-9._:~-]{1,128}}, never a dot segment. */
final class Ids {
    static final int MAX_LENGTH = 128;

    private static final boolean[] ALLOWED = new boolean[128];

    static {
        for (char c = '0'; c <= '9'; c++) {
            ALLOWED[c] = true;
        }
        for (char c = 'A'; c <= 'Z'; c++) {
            ALLOWED[c] = true;
            ALLOWED[c + 'a' - 'A'] = true;
        }
        for (char c : "._:~-".toCharArray()) {
            ALLOWED[c] = true;
        }
    }

    private Ids() {}

    static boolean isId(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ALLOWED.length || !ALLOWED[c]) {
                return false;
            }
        }
        // A backend could resolve these as the current or the parent directory.
        return !text.equals(".") && !text.equals("..");
    }

    static String require(String kind, String text) {
        if (!isId(text)) {
            throw new IllegalArgumentException(kind + " ID must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
        }
        return text;
    }
}
