package dev.postern.catalog;

import dev.postern.access.ParameterNames;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The JSON member names that contain IDs, level by level. Common parsers also match names that are only similar, so a
 * backend might use a member in another spelling that the gate has not read.
 */
record MemberNames(Map<String, MemberNames> members) {
    /** @param paths member names from the top level */
    static MemberNames of(Collection<List<String>> paths) {
        Map<String, MemberNames> members = new HashMap<>();
        for (List<String> path : paths) {
            if (!path.isEmpty()) {
                String first = path.getFirst();
                members.computeIfAbsent(first, name -> of(paths.stream()
                        .filter(other -> !other.isEmpty() && other.getFirst().equals(name))
                        .map(other -> other.subList(1, other.size())).toList()));
            }
        }
        return new MemberNames(Map.copyOf(members));
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /**
     * Refuses JSON with a member whose name is similar to one of these but not equal. Values that are not objects have
     * no members to check.
     */
    void requireExact(JsonNode json) throws UnreadableBody {
        if (members.isEmpty()) {
            return;
        }
        for (JsonNode element : json.isArray() ? json : List.of(json)) {
            if (element.isObject()) {
                requireExactMembers(element);
            }
        }
    }

    private void requireExactMembers(JsonNode object) throws UnreadableBody {
        for (Map.Entry<String, JsonNode> present : object.properties()) {
            MemberNames below = members.get(present.getKey());
            if (below != null) {
                below.requireExact(present.getValue());
                continue;
            }
            for (String name : members.keySet()) {
                if (ParameterNames.alike(name, present.getKey())) {
                    throw new UnreadableBody("The body contains another spelling of the member '" + name + "'.");
                }
            }
        }
    }
}
