package dev.postern.catalog;

import dev.postern.access.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Data points as OneNET devices send them. The query parameter {@code type} says how: 1 (or none) lists data streams, 3
 * and 4 have one member a stream, 5 is text with its own separators.
 *
 * <p>In types 3 and 4 the member names are ids themselves. {@code temp} and {@code Temp} are two streams there, and each has
 * to be permitted as it is spelled; for a backend that takes them for one, the catalogue has {@code stream-ids: lower}.
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
            default -> throw new UnreadableBody("The type of the data points is none of 1, 3, 4 and 5.");
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

    /** {@code ,;temp,2015-03-22T22:31:12,22.5;pm2.5,89}: the separator of fields, that of records, then the records. */
    private static List<String> separated(String text) throws UnreadableBody {
        if (text.length() < 3 || !isSeparator(text.charAt(0)) || !isSeparator(text.charAt(1))
                || text.charAt(0) == text.charAt(1)) {
            throw new UnreadableBody("The body does not start with two different separators.");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // In another encoding than the one that is read here, these would be halves of other characters.
            if (Character.isISOControl(c) && c != '\t' && c != '\r' && c != '\n') {
                throw new UnreadableBody("The body holds a control character.");
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
                throw new UnreadableBody("A record of the body has no field after the id of its stream.");
            }
            ids.add(record.substring(0, field));
        }
        return ids;
    }

    private static boolean isSeparator(char c) {
        return c > 0x20 && c < 0x7f && !Character.isLetterOrDigit(c) && c != '%' && c != '\\';
    }
}
