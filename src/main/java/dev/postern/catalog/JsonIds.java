package dev.postern.catalog;

import dev.postern.access.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Ids at a path in a JSON body, such as {@code datastreams[].id}. {@link MemberNames} refuses other spellings of the
 * members.
 *
 * @param steps    member names from the top
 * @param required whether the path must exist; if not, a body without the path contains no IDs
 */
record JsonIds(List<Step> steps, boolean required) implements BodyFormat {
    /** Some parsers round larger numbers: 2 to the power of 53. */
    private static final long MAX_EXACT_NUMBER = 1L << 53;

    /** A member; {@code each} if its value is a list and the path continues in each element. */
    record Step(String member, boolean each) {}

    static JsonIds at(String path) {
        return new JsonIds(steps(path), false);
    }

    static JsonIds requiredAt(String path) {
        return new JsonIds(steps(path), true);
    }

    private static List<Step> steps(String path) {
        List<Step> steps = new ArrayList<>();
        for (String part : path.split("\\.", -1)) {
            boolean each = part.endsWith("[]");
            steps.add(new Step(each ? part.substring(0, part.length() - 2) : part, each));
        }
        return List.copyOf(steps);
    }

    @Override
    public String member() {
        return steps.getFirst().member();
    }

    @Override
    public List<String> path() {
        return steps.stream().map(Step::member).toList();
    }

    @Override
    public List<String> ids(BodyText body, RequestTarget target) throws UnreadableBody {
        List<String> ids = new ArrayList<>();
        collect(body.json(), 0, ids);
        return ids;
    }

    private void collect(JsonNode node, int depth, List<String> ids) throws UnreadableBody {
        if (depth == steps.size()) {
            ids.add(id(node));
            return;
        }
        Step step = steps.get(depth);
        if (!node.isObject()) {
            throw new UnreadableBody("The body has no object where '" + step.member() + "' is expected.");
        }
        JsonNode value = node.get(step.member());
        if (value == null) {
            if (required) {
                throw new UnreadableBody("The body has no member '" + step.member() + "'.");
            }
            return;
        }
        if (!step.each()) {
            collect(value, depth + 1, ids);
            return;
        }
        if (!value.isArray()) {
            throw new UnreadableBody("The member '" + step.member() + "' of the body is not a list.");
        }
        for (JsonNode element : value) {
            collect(element, depth + 1, ids);
        }
    }

    private static String id(JsonNode node) throws UnreadableBody {
        if (node.isString()) {
            return node.stringValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0
                && node.longValue() <= MAX_EXACT_NUMBER) {
            return node.bigIntegerValue().toString();
        }
        throw new UnreadableBody(
                "An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.");
    }
}
