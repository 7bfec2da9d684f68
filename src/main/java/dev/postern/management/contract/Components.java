package dev.postern.management.contract;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Collects the named shapes of a document. Not thread-safe. */
final class Components {
    private static final String PATH = "#/components/schemas/";

    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    /** @throws IllegalStateException if the name belongs to another shape */
    ObjectNode reference(String name, Shape shape) {
        ObjectNode schema = shape.schema(this);
        ObjectNode present = schemas.putIfAbsent(name, schema);
        if (present != null && !present.equals(schema)) {
            throw new IllegalStateException("two shapes have the name " + name);
        }
        return JsonMapper.shared().createObjectNode().put("$ref", PATH + name);
    }

    ObjectNode json() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        schemas.forEach(json::set);
        return json;
    }
}
