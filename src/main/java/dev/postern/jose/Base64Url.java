package dev.postern.jose;

/** The URL-safe alphabet of base64 as a table: every character of every token is looked up in it. */
final class Base64Url {
    private static final boolean[] ALPHABET = new boolean[128];

    static {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().forEach(c -> ALPHABET[c] = true);
    }

    private Base64Url() {}

    /** Whether a text is in the alphabet, without padding, and of a length that base64 can have. */
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
