package dev.postern.call;

import java.util.Locale;

/**
 * Recognizes header names that some servers treat as the same name. CGI, and with it PHP, WSGI and others, replaces
 * every character that is not a letter or digit by an underscore, so that {@code X.Postern.Device} or {@code X~Real~IP}
 * can be used in place of the name with hyphens.
 */
public final class HeaderNames {
    private HeaderNames() {}

    /** Whether the name consists of letters, digits and hyphens, so that it can only vary in case. */
    public static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** The name that such a server reads, in lower case and with hyphens. */
    public static String folded(String name) {
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
