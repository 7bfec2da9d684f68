package dev.postern.access;

import java.util.List;

/** How servers read parameter names that are not quite the same. */
public final class ParameterNames {
    private static final List<String> METHOD_OVERRIDES = List.of("_method", "x-http-method-override", "x-http-method",
            "x-method-override");

    /** The two characters outside of ASCII that Unicode folds into it. */
    private static final char LONG_S = 0x17f;
    private static final char KELVIN = 0x212a;

    private ParameterNames() {}

    /** Whether some framework would take the value of this parameter for the method of the request. */
    public static boolean overridesMethod(String name) {
        return METHOD_OVERRIDES.stream().anyMatch(override -> alike(override, name));
    }

    /**
     * Whether some server takes the second name for the first: letter case, what PHP turns into an underscore, and the
     * brackets and spaces that parsers of nested parameters strip.
     */
    public static boolean alike(String expected, String actual) {
        int at = 0;
        while (at < actual.length() && isStripped(actual.charAt(at))) {
            at++;
        }
        for (int i = 0; i < expected.length(); i++, at++) {
            if (at >= actual.length() || folded(expected.charAt(i)) != folded(actual.charAt(at))) {
                return false;
            }
        }
        return at == actual.length() || isStripped(actual.charAt(at));
    }

    private static boolean isStripped(char c) {
        return c == ' ' || c == '+' || c == '[' || c == ']';
    }

    private static char folded(char c) {
        if (c == LONG_S || c == KELVIN) {
            return c == LONG_S ? 's' : 'k';
        }
        return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    }
}
