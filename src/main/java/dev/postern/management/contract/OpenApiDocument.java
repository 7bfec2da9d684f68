package dev.postern.management.contract;

import dev.postern.management.contract.Operation.Trait;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes operations as an OpenAPI 3.1 document. */
public final class OpenApiDocument {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z]+)}");
    private static final String TOKEN = "token";
    private static final String PASSWORD = "operatorPassword";

    private final Map<String, Parameter> variables;
    private final Components components = new Components();
    private final Replies replies;

    private OpenApiDocument(Map<String, Parameter> variables, Shape problem) {
        this.variables = variables;
        this.replies = new Replies(components, problem);
    }

    /**
     * Writes a document.
     *
     * @param variables the variables of path templates, by name
     * @param problem   the shape of an error
     * @throws IllegalStateException if two operations have the same ID or call, or a variable is unknown
     */
    public static ObjectNode of(List<Operation> operations, Map<String, Parameter> variables, Shape problem) {
        return new OpenApiDocument(variables, problem).write(operations);
    }

    private ObjectNode write(List<Operation> operations) {
        ObjectNode json = JSON.createObjectNode().put("openapi", "3.1.0");
        json.putObject("info").put("title", "Postern management API").put("version", "1")
                .put("description",
                        "Manages accounts, credentials, devices and licenses. It is on the management port.");
        json.putArray("servers").addObject().put("url", "/");
        ArrayNode security = json.putArray("security");
        security.addObject().putArray(TOKEN);
        security.addObject().putArray(PASSWORD);
        ArrayNode tags = json.putArray("tags");
        Set<String> groups = operations.stream().map(Operation::tag).collect(Collectors.toCollection(TreeSet::new));
        groups.forEach(group -> tags.addObject().put("name", group));
        ObjectNode paths = json.putObject("paths");
        Set<String> ids = new LinkedHashSet<>();
        Map<String, List<Operation>> byPath = operations.stream()
                .collect(Collectors.groupingBy(Operation::path, TreeMap::new, Collectors.toList()));
        byPath.forEach((path, calls) -> {
            ObjectNode item = paths.putObject(path);
            calls.stream().sorted(Comparator.comparing(operation -> operation.method().name())).forEach(operation -> {
                String method = operation.method().name().toLowerCase(Locale.ROOT);
                if (!ids.add(operation.id()) || item.has(method)) {
                    throw new IllegalStateException(operation + " or its ID is declared twice");
                }
                item.set(method, write(operation));
            });
        });
        ObjectNode parts = json.putObject("components");
        ObjectNode schemes = parts.putObject("securitySchemes");
        schemes.putObject(TOKEN).put("type", "http").put("scheme", "bearer")
                .put("description", "The operator token, or the master key of an account for that account.");
        schemes.putObject(PASSWORD).put("type", "http").put("scheme", "basic")
                .put("description", "The name and password of an operator.");
        parts.set("responses", replies.shared());
        parts.set("schemas", components.json());
        return json;
    }

    private ObjectNode write(Operation operation) {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("tags").add(operation.tag());
        json.put("operationId", operation.id()).put("summary", operation.summary());
        ArrayNode parameters = JSON.createArrayNode();
        Matcher variable = VARIABLE.matcher(operation.path());
        while (variable.find()) {
            Parameter parameter = variables.get(variable.group(1));
            if (parameter == null) {
                throw new IllegalStateException("unknown variable in " + operation);
            }
            add(parameters, "path", parameter).put("required", true);
        }
        operation.parameters().forEach(parameter -> add(parameters, "query", parameter));
        HeaderParameters.of(operation).forEach(parameter -> add(parameters, "header", parameter));
        if (!parameters.isEmpty()) {
            json.set("parameters", parameters);
        }
        operation.body().ifPresent(body -> {
            ObjectNode request = json.putObject("requestBody")
                    .put("required", !operation.has(Trait.BODY_OPTIONAL));
            boolean lines = operation.has(Trait.BODY_OF_LINES);
            request.put("description", lines
                    ? "One JSON object per line."
                    : "At most " + operation.maxBody() + " bytes of UTF-8.");
            request.putObject("content").putObject(lines ? "application/x-ndjson" : "application/json")
                    .set("schema", body.closed().schema(components));
        });
        json.set("responses", replies.of(operation));
        return json;
    }

    private ObjectNode add(ArrayNode parameters, String in, Parameter parameter) {
        ObjectNode json = parameters.addObject().put("name", parameter.name()).put("in", in)
                .put("description", parameter.description());
        json.set("schema", parameter.shape().schema(components));
        return json;
    }
}
