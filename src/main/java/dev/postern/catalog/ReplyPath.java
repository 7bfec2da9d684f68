package dev.postern.catalog;

import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Where in a reply the one id stands that it names, such as {@code data.device_id}.
 *
 * @param members member names from the top
 * @param names   the same, for what must not be spelled in another way
 * @param form    the form of device ids
 */
record ReplyPath(List<String> members, MemberNames names, IdForm form) {
    private static final String PLACE = "body:";

    /** Reads the notation in which the ids of requests are looked for in a body; a list names no single id. */
    static ReplyPath parse(String where, String text, IdForm form) {
        String path = text.strip();
        String name = path.startsWith(PLACE) ? path.substring(PLACE.length()) : "";
        if (!IdSource.JSON_PATH.matcher(name).matches() || name.equals(IdSource.ONENET_DATAPOINTS)) {
            throw new CatalogException(where, "'" + path + "' is not a path such as body:data.device_id");
        }
        if (name.contains("[]")) {
            throw new CatalogException(where, "'" + path + "' goes through a list, and a reply names one device");
        }
        List<String> members = List.of(name.split("\\.", -1));
        return new ReplyPath(members, MemberNames.of(List.of(members)), form);
    }

    DeviceId device(JsonNode reply) throws UnreadableBody {
        names.requireExact(reply);
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
        if (!form.takes(id)) {
            throw new UnreadableBody("What the reply has at '" + this + "' is not " + form.description() + ".");
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
