package dev.postern.catalog;

import dev.postern.access.DeviceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path with placeholders for ids: {@code /devices/{device}/datastreams/{stream}}.
 *
 * @param text the same as text, as the catalogue has it, but with {@code {rest}} for whatever follows digits
 */
record PathTemplate(List<Segment> segments, String text) {
    static final String DEVICE = "device";
    static final String STREAM = "stream";

    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z_]+)}");
    private static final Pattern NUMBERED = Pattern.compile("\\{([a-z_]+):digits}_\\{([a-z_]+)}");

    sealed interface Segment {
        /** Fixed text. */
        record Literal(String text) implements Segment {}

        /** Any one ID. */
        record Variable(String name) implements Segment {}

        /** Decimal digits, then an underscore, then anything that an ID may contain: {@code 39593230_1503372720_1}. */
        record Numbered(String name) implements Segment {
            /** The digits at the front; empty when the text does not have this form. */
            static Optional<String> number(String text) {
                int end = text.indexOf('_');
                if (end < 1 || end == text.length() - 1) {
                    return Optional.empty();
                }
                String number = text.substring(0, end);
                return number.chars().allMatch(c -> c >= '0' && c <= '9') ? Optional.of(number) : Optional.empty();
            }
        }
    }

    static PathTemplate parse(String where, String text) {
        if (!text.startsWith("/")) {
            throw new CatalogException(where, "the path template '" + text + "' does not start with a slash");
        }
        List<Segment> segments = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String part : text.substring(1).split("/", -1)) {
            Matcher variable = VARIABLE.matcher(part);
            Matcher numbered = NUMBERED.matcher(part);
            if (variable.matches()) {
                segments.add(new Segment.Variable(variable.group(1)));
                names.add(variable.group(1));
            } else if (numbered.matches()) {
                segments.add(new Segment.Numbered(numbered.group(1)));
                names.add(numbered.group(1));
            } else if (DeviceId.isValid(part)) {
                segments.add(new Segment.Literal(part));
            } else {
                throw new CatalogException(where, "the path segment '" + part + "' of '" + text
                        + "' is not a name, {variable} or {variable:digits}_{rest}");
            }
        }
        if (names.stream().distinct().count() != names.size()) {
            throw new CatalogException(where, "the path template '" + text + "' contains a variable twice");
        }
        return new PathTemplate(List.copyOf(segments), written(segments));
    }

    /** Whether the path contains the ID of a device. */
    boolean holdsDevice() {
        return segments.stream().anyMatch(segment -> switch (segment) {
            case Segment.Literal _ -> false;
            case Segment.Variable(var name) -> name.equals(DEVICE);
            case Segment.Numbered(var name) -> name.equals(DEVICE);
        });
    }

    private static String written(List<Segment> segments) {
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments) {
            text.append('/').append(switch (segment) {
                case Segment.Literal(var literal) -> literal;
                case Segment.Variable(var name) -> "{" + name + "}";
                case Segment.Numbered(var name) -> "{" + name + ":digits}_{rest}";
            });
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
