package dev.postern.jose;

/** Checks URL-safe base64. Uses a lookup table, because every character of every token is checked. */
final class Base64Url {
    private static final boolean[] ALPHABET = new boolean[128];

    static {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().forEach(c -> ALPHABET[c] = true);
    }

    private Base64Url() {}

    /** Whether a text is URL-safe base64 without padding, of a possible length. */
    static boolean isValid(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ALPHABET.length || !ALPHABET[c]) {
                return false;
            }
        }
        return text.length() % 4 != 1;
    }
}
