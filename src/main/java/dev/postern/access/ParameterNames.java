package dev.postern.access;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/**
 * Recognizes names of parameters and JSON members that some server would treat as the same name. All code that compares
 * such a name with one of the catalogue must ask here, so that no variant is recognized in one place and missed in
 * another.
 */
public final class ParameterNames {
    private static final List<String> METHOD_OVERRIDES = List.of("_method", "x-http-method-override", "x-http-method",
            "x-method-override");

    private ParameterNames() {}

    /**
     * Whether some framework would use the value of this parameter as the method of the request. Frameworks look it up
     * by its exact name, and only PHP changes the name first: a parameter called {@code method} overrides nothing.
     */
    public static boolean overridesMethod(String name) {
        String plain = plain(name);
        int start = 0;
        while (start < plain.length() && isBlankOrBracket(plain.charAt(start))) {
            start++;
        }
        for (String override : METHOD_OVERRIDES) {
            if (isUnderscored(override, plain, start)) {
                return true;
            }
        }
        return false;
    }

    /** PHP replaces characters that are not allowed in the name of a variable by underscores. */
    private static boolean isUnderscored(String expected, String actual, int from) {
        int at = from;
        for (int i = 0; i < expected.length(); i++, at++) {
            if (at >= actual.length() || underscored(expected.charAt(i)) != underscored(actual.charAt(at))) {
                return false;
            }
        }
        return at == actual.length() || isBlankOrBracket(actual.charAt(at)) || actual.charAt(at) == 0;
    }

    private static boolean isBlankOrBracket(char c) {
        return c == ' ' || c == '+' || c == '[' || c == ']';
    }

    private static char underscored(char c) {
        char lower = lower(c);
        return (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? lower : '_';
    }

    /**
     * Whether some server treats the second name as the first. Common parsers ignore case (including characters that
     * Unicode folds into ASCII), underscores, hyphens, dots and blanks; some drop control characters and brackets, and
     * some end the name at a NUL, a bracket or a dot. Equal names are alike.
     *
     * @param expected a name of the catalogue, in ASCII
     */
    public static boolean alike(String expected, String actual) {
        String plain = plain(actual);
        int at = 0;
        for (int i = 0; i < expected.length(); i++) {
            char c = expected.charAt(i);
            if (isIgnored(c)) {
                continue;
            }
            while (at < plain.length() && isIgnored(plain.charAt(at))) {
                at++;
            }
            if (at == plain.length() || lower(c) != lower(plain.charAt(at))) {
                return false;
            }
            at++;
        }
        while (at < plain.length() && isIgnored(plain.charAt(at))) {
            if (endsName(plain.charAt(at))) {
                return true;
            }
            at++;
        }
        return at == plain.length();
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
    }

    /** Whether some parsers ignore this character. */
    private static boolean isIgnored(char c) {
        if (c < 0x80) {
            return c <= ' ' || c == 0x7f || c == '_' || c == '-' || c == '+' || c == '?' || endsName(c);
        }
        return Character.isSpaceChar(c) || Character.isIdentifierIgnorable(c)
                || Character.getType(c) == Character.NON_SPACING_MARK;
    }

    /** Whether some parsers end the name at this character. */
    private static boolean endsName(char c) {
        return c == 0 || c == '.' || c == '[' || c == ']';
    }

    /** The name with characters that some parsers fold into ASCII replaced: a long s, a Kelvin sign, a dotless i. */
    private static String plain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 0x7f) {
                return Normalizer.normalize(name, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT)
                        .toLowerCase(Locale.ROOT);
            }
        }
        return name;
    }
}
