package dev.postern.audit;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Removes secrets from JSON that callers sent or received, and shortens long lists. A text, list or object whose name
 * suggests a secret is hidden, unless the name is known to be harmless: a new member with such a name is hidden until
 * someone decides otherwise.
 */
public final class Redaction {
    private static final String HIDDEN = "***";
    private static final Set<String> SUSPECT = Set.of("secret", "token", "password", "key", "authcode", "jwk",
            "example");
    private static final Set<String> HARMLESS = Set.of("public_key", "key_id", "secret_id",
            "old_secret_valid_until", "devices_on_old_secret");
    private static final int MAX_DEPTH = 20;
    /** Longer lists are cut off: people read the audit log, and a project can have 10,000 devices. */
    private static final int MAX_ELEMENTS = 100;
    private static final JsonMapper JSON = JsonMapper.shared();

    private Redaction() {}

    /** A copy without secrets, with long lists shortened. */
    public static ObjectNode of(ObjectNode json) {
        return copy(json, MAX_ELEMENTS);
    }

    /** A copy without secrets. */
    public static ObjectNode withoutSecrets(ObjectNode json) {
        return copy(json, Integer.MAX_VALUE);
    }

    private static ObjectNode copy(ObjectNode json, int maxElements) {
        ObjectNode copy = json.deepCopy();
        redact(copy, maxElements, 0);
        return copy;
    }

    /** The JSON object in a body, without secrets; null if the body is not one. */
    public static @Nullable ObjectNode ofBody(byte[] body) {
        if (body.length == 0) {
            return null;
        }
        try {
            return JSON.readTree(body) instanceof ObjectNode object ? of(object) : null;
        } catch (JacksonException malformed) {
            return null;
        }
    }

    private static void redact(JsonNode json, int maxElements, int depth) {
        switch (json) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> member : object.properties()) {
                    if (depth == MAX_DEPTH || isSecret(member.getKey(), member.getValue())) {
                        member.setValue(JSON.stringNode(HIDDEN));
                    } else {
                        redact(member.getValue(), maxElements, depth + 1);
                    }
                }
            }
            case ArrayNode array -> {
                int more = array.size() - maxElements;
                while (array.size() > maxElements) {
                    array.remove(array.size() - 1);
                }
                array.forEach(element -> redact(element, maxElements, depth + 1));
                if (more > 0) {
                    array.add("… and " + more + " more");
                }
            }
            default -> {
            }
        }
    }

    /** Whether to hide a value. A list of objects is not hidden as a whole: the members of each are checked. */
    private static boolean isSecret(String name, JsonNode value) {
        String word = name.toLowerCase(Locale.ROOT);
        return !(value.isNumber() || value.isBoolean() || value.isNull() || isOfObjects(value))
                && !HARMLESS.contains(word) && !word.endsWith("_at") && !word.endsWith("_until")
                && SUSPECT.stream().anyMatch(word::contains);
    }

    private static boolean isOfObjects(JsonNode value) {
        return value.isArray() && value.valueStream().allMatch(JsonNode::isObject);
    }
}
