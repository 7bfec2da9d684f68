package dev.postern.catalog;

import dev.postern.access.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Data points in the formats that OneNET devices send. The query parameter {@code type} selects the format: 1 (or none)
 * is a list of data streams, 3 and 4 have one member per stream, 5 is text with its own separators.
 *
 * <p>In types 3 and 4 the member names themselves are IDs. {@code temp} and {@code Temp} are two streams there, and
 * each must be permitted in its exact spelling; for a backend that treats them as one stream, configure
 * {@code stream-ids: lower}.
 */
record OneNetDatapoints() implements BodyFormat {
    private static final JsonIds LISTED = JsonIds.requiredAt("datastreams[].id");
    private static final MemberNames LISTED_NAMES = MemberNames.of(List.of(LISTED.path()));

    @Override
    public String member() {
        return LISTED.member();
    }

    @Override
    public Optional<String> parameter() {
        return Optional.of("type");
    }

    @Override
    public List<String> ids(BodyText body, RequestTarget target) throws UnreadableBody {
        return switch (type(target)) {
            case "1" -> {
                LISTED_NAMES.requireExact(body.json());
                yield LISTED.ids(body, target);
            }
            case "3", "4" -> memberNames(body.json());
            case "5" -> separated(body.text());
            default -> throw new UnreadableBody("The type of the data points is not 1, 3, 4 or 5.");
        };
    }

    private static String type(RequestTarget target) throws UnreadableBody {
        List<String> types = target.parameters().stream().filter(parameter -> parameter.name().equals("type"))
                .map(RequestTarget.Parameter::rawValue).toList();
        if (types.size() > 1) {
            throw new UnreadableBody("The type of the data points is given more than once.");
        }
        return types.isEmpty() ? "1" : types.getFirst();
    }

    private static List<String> memberNames(JsonNode json) throws UnreadableBody {
        if (!json.isObject()) {
            throw new UnreadableBody("The body is not a JSON object.");
        }
        return List.copyOf(json.propertyNames());
    }

    /**
     * {@code ,;temp,2015-03-22T22:31:12,22.5;pm2.5,89}: the field separator, the record separator, then the records.
     */
    private static List<String> separated(String text) throws UnreadableBody {
        if (text.length() < 3 || !isSeparator(text.charAt(0)) || !isSeparator(text.charAt(1))
                || text.charAt(0) == text.charAt(1)) {
            throw new UnreadableBody("The body does not start with two different separators.");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // In a different encoding, these bytes would be halves of other characters.
            if (Character.isISOControl(c) && c != '\t' && c != '\r' && c != '\n') {
                throw new UnreadableBody("The body contains a control character.");
            }
        }
        char fields = text.charAt(0);
        char records = text.charAt(1);
        List<String> ids = new ArrayList<>();
        int start = 2;
        while (start < text.length()) {
            int end = text.indexOf(records, start);
            if (end < 0) {
                end = text.length();
            }
            String record = text.substring(start, end);
            start = end + 1;
            if (record.isBlank() && start >= text.length()) {
                break;
            }
            int field = record.indexOf(fields);
            if (field < 0) {
                throw new UnreadableBody("A record of the body has no field after its stream ID.");
            }
            ids.add(record.substring(0, field));
        }
        return ids;
    }

    private static boolean isSeparator(char c) {
        return c > 0x20 && c < 0x7f && !Character.isLetterOrDigit(c) && c != '%' && c != '\\';
    }
}
