package dev.postern.proxy;

import java.util.Locale;

/**
 * How servers read header names. CGI, and with it PHP, WSGI and others, turns every character that is neither a letter nor a
 * digit into an underscore, so that {@code X.Postern.Device} or {@code X~Real~IP} stands in for the name with hyphens.
 */
final class HeaderNames {
    private HeaderNames() {}

    /** Whether the name consists of letters, digits and hyphens, so that no other spelling but case is left to read. */
    static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** The name that such a server takes it for, in lower case. */
    static String folded(String name) {
        if (isPlain(name)) {
            return name.toLowerCase(Locale.ROOT);
        }
        StringBuilder folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            folded.append(isPlain(name.charAt(i)) ? name.charAt(i) : '-');
        }
        return folded.toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
}
