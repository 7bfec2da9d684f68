package dev.postern.catalog;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the values of {@code Content-Type} leave open about a body. */
public final class ContentTypes {
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    /** Every mention counts, whatever it is part of: some readers search the text for it. */
    private static final Pattern CHARSET = Pattern.compile("charset");
    private static final Pattern UTF_8 = Pattern
            .compile("\\s*=\\s*(?:\"(?:utf-?8|us-ascii)\"|utf-?8|us-ascii)\\s*(?:;|$)");

    private ContentTypes() {}

    /** Why nobody could be sure to read the same text in a body of these types as the backend does. */
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
            return Optional.of("The ids in a body are looked for in UTF-8 only.");
        }
        return charset.find()
                ? Optional.of("The Content-Type of the body has more than one charset.")
                : Optional.empty();
    }

    /** Whether there are several, on lines of their own or on one, be they the same or not. */
    static boolean areSeveral(List<String> values) {
        if (values.size() > 1) {
            return true;
        }
        // A quotation mark that is left over quotes to some readers what follows, and nothing to others.
        return values.stream().map(value -> QUOTED.matcher(value).replaceAll(""))
                .anyMatch(plain -> plain.indexOf(',') >= 0 || plain.indexOf('"') >= 0);
    }
}
