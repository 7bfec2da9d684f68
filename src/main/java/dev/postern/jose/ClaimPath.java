package dev.postern.jose;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Finds a claim that an operator has named: by its whole name, or by the names of the objects that it is in, with dots
 * between, such as {@code tenant.id}. Names may have dots themselves, as {@code https://example.com/tenant} has: of the names
 * with which a path can begin, the longest that the token has counts, and the shorter ones are not looked at. So the whole
 * name wins, and no token has two readings.
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

    /** Where the longest name ends that the object has and the path begins with; -1 without one. */
    private static int longestName(JsonNode object, String path) {
        int end = path.length();
        while (end >= 0 && !object.has(path.substring(0, end))) {
            end = path.lastIndexOf('.', end - 1);
        }
        return end;
    }
}
