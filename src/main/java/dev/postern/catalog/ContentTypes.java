package dev.postern.catalog;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds ambiguities in the {@code Content-Type} of a body. */
public final class ContentTypes {
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    /** Matches anywhere in the text, because some parsers just search for the word. */
    private static final Pattern CHARSET = Pattern.compile("charset");
    private static final Pattern UTF_8 = Pattern
            .compile("\\s*=\\s*(?:\"(?:utf-?8|us-ascii)\"|utf-?8|us-ascii)\\s*(?:;|$)");

    private ContentTypes() {}

    /** Why the backend might read different text from a body with these types; empty if it cannot. */
    public static Optional<String> whyUnreadable(List<String> values) {
        if (areSeveral(values)) {
            return Optional.of("The body has more than one Content-Type.");
        }
        String type = values.isEmpty() ? "" : values.getFirst().toLowerCase(Locale.ROOT);
        Matcher charset = CHARSET.matcher(type);
        if (!charset.find()) {
            return Optional.empty();
        }
        if (!UTF_8.matcher(type).region(charset.end(), type.length()).lookingAt()) {
            return Optional.of("The gate reads IDs only from bodies in UTF-8.");
        }
        return charset.find()
                ? Optional.of("The Content-Type of the body has more than one charset.")
                : Optional.empty();
    }

    /** Whether there is more than one type, on separate lines or on the same one, even if they are equal. */
    static boolean areSeveral(List<String> values) {
        if (values.size() != 1) {
            return values.size() > 1;
        }
        String value = values.getFirst();
        // Some parsers treat everything after an unpaired quotation mark as quoted, others do not.
        return hasDelimiter(value) && hasDelimiter(QUOTED.matcher(value).replaceAll(""));
    }

    private static boolean hasDelimiter(String text) {
        return text.indexOf(',') >= 0 || text.indexOf('"') >= 0;
    }
}
