package dev.postern.jose;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Finds a claim that an operator has configured, either by its whole name or by a path through nested objects, with
 * dots between the names, such as {@code tenant.id}. Names may themselves contain dots, as in
 * {@code https://example.com/tenant}: at each level the longest name in the token that the path begins with is used,
 * and shorter ones are ignored. So the whole name takes precedence, and no token can be read in two ways.
 */
final class ClaimPath {
    private ClaimPath() {}

    /** The value; empty when the token has none. */
    static Optional<JsonNode> find(JsonNode claims, String path) {
        JsonNode object = claims;
        String rest = path;
        while (object != null && object.isObject()) {
            int end = longestName(object, rest);
            if (end < 0) {
                return Optional.empty();
            }
            JsonNode value = object.get(rest.substring(0, end));
            if (end == rest.length()) {
                return Optional.ofNullable(value);
            }
            object = value;
            rest = rest.substring(end + 1);
        }
        return Optional.empty();
    }

    /** Returns the end of the longest prefix of the path that is a name in the object; -1 if there is none. */
    private static int longestName(JsonNode object, String path) {
        int end = path.length();
        while (end >= 0 && !object.has(path.substring(0, end))) {
            end = path.lastIndexOf('.', end - 1);
        }
        return end;
    }
}
