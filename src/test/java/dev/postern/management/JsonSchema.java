package dev.postern.management;

import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Compares values with the schemas of an OpenAPI document: as much of JSON Schema as that uses. */
final class JsonSchema {
    private final JsonNode document;

    JsonSchema(JsonNode document) {
        this.document = document;
    }

    /** What is wrong with a value; empty if nothing is. Members that the schema does not have are wrong, too. */
    List<String> complaints(JsonNode schema, JsonNode value) {
        List<String> found = new ArrayList<>();
        Set<String> known = new HashSet<>();
        check("", schema, value, found, known);
        undeclared("", known, value, found);
        return found;
    }

    private void undeclared(String where, Set<String> known, JsonNode value, List<String> found) {
        if (value.isObject()) {
            for (String name : value.propertyNames()) {
                String at = where + "." + name;
                if (known.contains(where + ".*")) {
                    continue;
                }
                if (!known.contains(at)) {
                    found.add(at + " is not in the schema");
                } else {
                    undeclared(at, known, value.required(name), found);
                }
            }
        } else if (value.isArray()) {
            value.forEach(item -> undeclared(where + "[]", known, item, found));
        }
    }

    private void check(String where, JsonNode schema, JsonNode value, List<String> found, Set<String> known) {
        if (schema.has("$ref")) {
            check(where, document.at(schema.required("$ref").stringValue().substring(1)), value, found, known);
            return;
        }
        schema.path("allOf").forEach(part -> check(where, part, value, found, known));
        if (schema.has("anyOf")) {
            boolean any = false;
            for (JsonNode part : schema.required("anyOf")) {
                List<String> wrong = new ArrayList<>();
                check(where, part, value, wrong, known);
                any |= wrong.isEmpty();
            }
            if (!any) {
                found.add(where + " has none of the shapes that it may have");
            }
        }
        if (schema.has("enum") && schema.required("enum").valueStream().noneMatch(value::equals)) {
            found.add(where + " is none of the words");
        }
        switch (schema.path("type").asString("")) {
            case "object" -> object(where, schema, value, found, known);
            case "array" -> {
                if (!value.isArray() || value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
                    found.add(where + " is no such list");
                } else {
                    value.forEach(item -> check(where + "[]", schema.required("items"), item, found, known));
                }
            }
            case "string" -> text(where, schema, value, found);
            case "integer" -> number(where, value.isIntegralNumber(), schema, value, found);
            case "number" -> number(where, value.isNumber(), schema, value, found);
            case "boolean" -> require(where, value.isBoolean(), found);
            case "null" -> require(where, value.isNull(), found);
            case "" -> {
            }
            default -> found.add(where + " has a schema of an unknown type");
        }
    }

    private void object(String where, JsonNode schema, JsonNode value, List<String> found, Set<String> known) {
        if (!value.isObject()) {
            found.add(where + " is no object");
            return;
        }
        if (!schema.has("properties")) {
            known.add(where + ".*");
        }
        schema.path("required").forEach(name -> {
            if (!value.has(name.stringValue())) {
                found.add(where + "." + name.stringValue() + " is missing");
            }
        });
        schema.path("properties").propertyStream().forEach(property -> {
            known.add(where + "." + property.getKey());
            if (value.has(property.getKey())) {
                check(where + "." + property.getKey(), property.getValue(), value.required(property.getKey()), found,
                        known);
            }
        });
    }

    private static void text(String where, JsonNode schema, JsonNode value, List<String> found) {
        if (!value.isString()) {
            found.add(where + " is no text");
            return;
        }
        String text = value.stringValue();
        require(where + " (length)", text.length() >= schema.path("minLength").asInt(0)
                && text.length() <= schema.path("maxLength").asInt(Integer.MAX_VALUE), found);
        if (schema.has("pattern")) {
            require(where + " (pattern)",
                    Pattern.compile(schema.required("pattern").stringValue()).matcher(text).find(),
                    found);
        }
        try {
            switch (schema.path("format").asString("")) {
                case "date-time" -> OffsetDateTime.parse(text);
                case "date" -> LocalDate.parse(text);
                default -> {
                }
            }
        } catch (DateTimeParseException wrong) {
            found.add(where + " is not in its format");
        }
    }

    private static void number(String where, boolean isOne, JsonNode schema, JsonNode value, List<String> found) {
        require(where, isOne && value.doubleValue() >= schema.path("minimum").asDouble(-Double.MAX_VALUE)
                && value.doubleValue() <= schema.path("maximum").asDouble(Double.MAX_VALUE), found);
    }

    private static void require(String where, boolean right, List<String> found) {
        if (!right) {
            found.add(where + " is not as it must be");
        }
    }
}
