package dev.postern.management.contract;

import dev.postern.management.contract.Operation.Trait;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the replies of operations for the document. */
final class Replies {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String JSON_TYPE = "application/json";
    private static final String LINES_TYPE = "application/x-ndjson";
    private static final int NO_CONTENT = 204;

    private final Components components;
    private final Shape problem;
    private final Map<String, ObjectNode> shared = new TreeMap<>();

    Replies(Components components, Shape problem) {
        this.components = components;
        this.problem = problem;
    }

    ObjectNode of(Operation operation) {
        Map<Integer, ObjectNode> replies = new TreeMap<>();
        replies.put(operation.status(), success(operation));
        if (operation.status() == NO_CONTENT) {
            operation.reply().ifPresent(receipt -> {
                ObjectNode json = JSON.createObjectNode().put("description", "Done, with a receipt.");
                content(json, JSON_TYPE, receipt);
                replies.put(200, json);
            });
        }
        if (operation.has(Trait.IF_NONE_MATCH)) {
            replies.put(304, JSON.createObjectNode().put("description", "The caller already has the current state."));
        }
        operation.refusals().stream().collect(Collectors.groupingBy(Refusal::status))
                .forEach((status, refusals) -> replies.put(status, refusal(status, refusals)));
        ObjectNode json = JSON.createObjectNode();
        replies.forEach((status, reply) -> json.set(Integer.toString(status), reply));
        return json;
    }

    private ObjectNode success(Operation operation) {
        ObjectNode json = JSON.createObjectNode().put("description",
                operation.has(Trait.LOCATION) ? "Created." : "Done.");
        ObjectNode headers = JSON.createObjectNode();
        if (operation.has(Trait.ETAG)) {
            header(headers, "ETag", "Identifies the state of the resource.").put("pattern", "^\"[A-Za-z0-9_-]{22}\"$");
        }
        if (operation.has(Trait.LOCATION)) {
            header(headers, "Location", "The path of the new resource.");
        }
        if (operation.has(Trait.IDEMPOTENCY_KEY)) {
            header(headers, "Idempotency-Replayed", "Present if this is the reply to an earlier call.")
                    .putArray("enum").add("true");
        }
        if (!headers.isEmpty()) {
            json.set("headers", headers);
        }
        if (operation.status() != NO_CONTENT) {
            operation.reply().ifPresent(reply -> {
                if (operation.has(Trait.REPLY_OF_LINES)) {
                    content(json, LINES_TYPE, reply);
                    return;
                }
                content(json, JSON_TYPE, reply);
                if (operation.has(Trait.BODY_OF_LINES)) {
                    content(json, LINES_TYPE, Shape.anyObject());
                }
            });
        }
        return json;
    }

    private static ObjectNode header(ObjectNode headers, String name, String description) {
        return headers.putObject(name).put("description", description).putObject("schema").put("type", "string");
    }

    /** Many operations refuse calls for the same reasons, so a refusal is a component. */
    private ObjectNode refusal(int status, List<Refusal> refusals) {
        String name = status + "." + refusals.stream().map(Refusal::word).sorted().collect(Collectors.joining("."));
        shared.computeIfAbsent(name, _ -> describe(status, refusals));
        return JSON.createObjectNode().put("$ref", "#/components/responses/" + name);
    }

    /** The refusals that operations refer to, by name. */
    ObjectNode shared() {
        ObjectNode json = JSON.createObjectNode();
        shared.forEach(json::set);
        return json;
    }

    private ObjectNode describe(int status, List<Refusal> refusals) {
        ObjectNode json = JSON.createObjectNode().put("description", refusals.stream()
                .map(refusal -> "`" + refusal.word() + "`: " + refusal.title()).sorted()
                .collect(Collectors.joining("\n")));
        if (status == 401) {
            header(json.putObject("headers"), "WWW-Authenticate", "A challenge (RFC 6750).");
        } else if (status == 503 || status == 429) {
            header(json.putObject("headers"), "Retry-After", "Seconds after which a retry makes sense.");
        }
        ObjectNode schema = JSON.createObjectNode();
        ArrayNode parts = schema.putArray("allOf").add(problem.schema(components));
        ArrayNode reasons = parts.addObject().put("type", "object").putObject("properties").putObject("reason")
                .putArray("enum");
        refusals.stream().map(Refusal::word).sorted().forEach(reasons::add);
        json.putObject("content").putObject("application/problem+json").set("schema", schema);
        return json;
    }

    private void content(ObjectNode json, String type, Shape shape) {
        json.withObject("/content").putObject(type).set("schema", shape.schema(components));
    }
}
