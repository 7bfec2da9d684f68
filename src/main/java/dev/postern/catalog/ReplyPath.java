package dev.postern.catalog;

import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Where in a reply the one id stands that it names, such as {@code data.device_id}.
 *
 * @param members member names from the top
 */
public record ReplyPath(List<String> members) {
    private static final String PLACE = "body:";

    public ReplyPath {
        members = List.copyOf(members);
    }

    /** Reads the notation in which the ids of requests are looked for in a body; a list names no single id. */
    static ReplyPath parse(String where, String text) {
        String path = text.strip();
        String name = path.startsWith(PLACE) ? path.substring(PLACE.length()) : "";
        if (!IdSource.JSON_PATH.matcher(name).matches() || name.equals(IdSource.ONENET_DATAPOINTS)) {
            throw new CatalogException(where, "'" + path + "' is not a path such as body:data.device_id");
        }
        if (name.contains("[]")) {
            throw new CatalogException(where, "'" + path + "' goes through a list, and a reply names one device");
        }
        return new ReplyPath(List.of(name.split("\\.", -1)));
    }

    DeviceId device(JsonNode reply) throws UnreadableBody {
        JsonNode node = reply;
        for (String member : members) {
            // Of anything but an object this is null.
            JsonNode value = node.get(member);
            if (value == null) {
                throw new UnreadableBody("The reply has nothing at '" + this + "'.");
            }
            node = value;
        }
        String id = text(node)
                .orElseThrow(() -> new UnreadableBody("What the reply has at '" + this + "' is no id."));
        if (!DeviceId.isValid(id)) {
            throw new UnreadableBody("What the reply has at '" + this + "' is not an id of 1 to 128 characters of "
                    + "A-Z a-z 0-9 . _ : ~ -.");
        }
        return new DeviceId(id);
    }

    /** A number is taken exactly, however long: what the backend made up is in no doubt. Below zero there is no id. */
    private static Optional<String> text(JsonNode node) {
        if (node.isString()) {
            return Optional.of(node.stringValue());
        }
        return node.isIntegralNumber() && node.bigIntegerValue().signum() >= 0
                ? Optional.of(node.bigIntegerValue().toString())
                : Optional.empty();
    }

    @Override
    public String toString() {
        return String.join(".", members);
    }
}
