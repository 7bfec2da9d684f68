package dev.postern.management;

/**
 * Checks text shown to people: names and descriptions. Characters that a page cannot show, or that could forge other
 * text in a log, are refused.
 */
final class DisplayText {
    static final int MAX_NAME = 128;

    private DisplayText() {}

    /** A name: not blank, of at most 128 characters. */
    static String name(String member, String text) {
        if (text.isBlank() || text.length() > MAX_NAME) {
            throw JsonInput.invalid(member + " must have 1 to " + MAX_NAME + " characters");
        }
        return visible(member, text);
    }

    static String text(String member, String text, int max) {
        if (text.length() > max) {
            throw JsonInput.invalid(member + " has more than " + max + " characters");
        }
        return visible(member, text);
    }

    private static String visible(String member, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw JsonInput.invalid(member + " contains a control character");
        }
        if (text.codePoints().anyMatch(code -> code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
            throw JsonInput.invalid(member + " contains an unpaired surrogate");
        }
        return text;
    }
}
