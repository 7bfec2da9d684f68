package dev.postern.catalog;

import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The path to the device ID in a reply, such as {@code data.device_id}.
 *
 * @param members member names from the top level
 * @param names   the same names, to refuse other spellings of them
 * @param form    the form of device IDs
 */
record ReplyPath(List<String> members, MemberNames names, IdForm form) {
    private static final String PLACE = "body:";

    /** Parses the same notation as for IDs in request bodies, but without lists: a list may contain several IDs. */
    static ReplyPath parse(String where, String text, IdForm form) {
        String path = text.strip();
        String name = path.startsWith(PLACE) ? path.substring(PLACE.length()) : "";
        if (!IdSource.JSON_PATH.matcher(name).matches() || name.equals(IdSource.ONENET_DATAPOINTS)) {
            throw new CatalogException(where, "'" + path + "' is not a path such as body:data.device_id");
        }
        if (name.contains("[]")) {
            throw new CatalogException(where, "'" + path + "' contains a list, but a reply contains one device");
        }
        List<String> members = List.of(name.split("\\.", -1));
        return new ReplyPath(members, MemberNames.of(List.of(members)), form);
    }

    DeviceId device(JsonNode reply) throws UnreadableBody {
        names.requireExact(reply);
        JsonNode node = reply;
        for (String member : members) {
            // Null if the node is not an object.
            JsonNode value = node.get(member);
            if (value == null) {
                throw new UnreadableBody("The reply has nothing at '" + this + "'.");
            }
            node = value;
        }
        String id = text(node)
                .orElseThrow(() -> new UnreadableBody("The value at '" + this + "' in the reply is not an ID."));
        if (!form.takes(id)) {
            throw new UnreadableBody("The value at '" + this + "' in the reply is not " + form.description() + ".");
        }
        return new DeviceId(id);
    }

    /**
     * A number is read exactly, however long: an ID from the backend is not ambiguous. Negative numbers are not IDs.
     */
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
