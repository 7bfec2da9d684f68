package dev.postern.management.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The form of a JSON value with its bounds, which can be written as JSON Schema 2020-12. Immutable. */
public final class Shape {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Function<Components, ObjectNode> schema;
    private final List<Member> members;

    private Shape(Function<Components, ObjectNode> schema, List<Member> members) {
        this.schema = schema;
        this.members = List.copyOf(members);
    }

    /** A member of a JSON object. */
    public record Member(String name, Shape shape, boolean required, String description) {
        /** @param description a sentence; empty if the name says it all */
        public static Member required(String name, Shape shape, String description) {
            return new Member(name, shape, true, description);
        }

        /** The member may be left out. */
        public static Member optional(String name, Shape shape, String description) {
            return new Member(name, shape, false, description);
        }
    }

    private static Shape plain(ObjectNode keywords) {
        return new Shape(_ -> keywords.deepCopy(), List.of());
    }

    private static ObjectNode type(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    public static Shape text() {
        return plain(type("string"));
    }

    /** A text of {@code min} to {@code max} characters. */
    public static Shape text(int min, int max) {
        return plain(type("string").put("minLength", min).put("maxLength", max));
    }

    /** A text that matches a pattern from its beginning to its end. */
    public static Shape matching(String pattern) {
        return plain(type("string").put("pattern", "^(?:" + pattern + ")$"));
    }

    /** A text in a format of JSON Schema, such as {@code date-time}. */
    public static Shape formatted(String format) {
        return plain(type("string").put("format", format));
    }

    public static Shape word(String... words) {
        return word(List.of(words));
    }

    /** One of these words. */
    public static Shape word(List<String> words) {
        ObjectNode json = type("string");
        ArrayNode list = json.putArray("enum");
        words.forEach(list::add);
        return plain(json);
    }

    public static Shape whole(long min, long max) {
        return plain(type("integer").put("minimum", min).put("maximum", max));
    }

    /** A whole number that is not negative. */
    public static Shape count() {
        return plain(type("integer").put("minimum", 0));
    }

    public static Shape number() {
        return plain(type("number").put("minimum", 0));
    }

    public static Shape flag() {
        return plain(type("boolean"));
    }

    /** An object with any members. */
    public static Shape anyObject() {
        return plain(type("object"));
    }

    public static Shape list(Shape item) {
        return new Shape(components -> {
            ObjectNode json = type("array");
            json.set("items", item.schema(components));
            return json;
        }, List.of());
    }

    /** A list of at most {@code max} items. */
    public static Shape list(Shape item, int max) {
        Shape list = list(item);
        return new Shape(components -> list.schema(components).put("maxItems", max), List.of());
    }

    /** An object that may get more members in a later version. */
    public static Shape object(Member... members) {
        return object(List.of(members));
    }

    /** The same with a list. */
    public static Shape object(List<Member> members) {
        return new Shape(components -> object(components, members), members);
    }

    private static ObjectNode object(Components components, List<Member> members) {
        ObjectNode json = type("object");
        ObjectNode properties = json.putObject("properties");
        for (Member member : members) {
            ObjectNode property = member.shape().schema(components);
            if (!member.description().isEmpty()) {
                property.put("description", member.description());
            }
            properties.set(member.name(), property);
        }
        List<Member> required = members.stream().filter(Member::required).toList();
        if (!required.isEmpty()) {
            ArrayNode names = json.putArray("required");
            required.forEach(member -> names.add(member.name()));
        }
        return json;
    }

    /** One of these shapes. */
    public static Shape either(Shape... shapes) {
        return new Shape(components -> {
            ObjectNode json = JSON.createObjectNode();
            ArrayNode list = json.putArray("anyOf");
            for (Shape shape : shapes) {
                list.add(shape.schema(components));
            }
            return json;
        }, List.of());
    }

    /** This shape or null. */
    public Shape orNull() {
        return either(this, plain(type("null")));
    }

    /** This object without any other members. */
    public Shape closed() {
        return new Shape(components -> schema(components).put("additionalProperties", false), members);
    }

    /** This object with more members. */
    public Shape with(Member... more) {
        List<Member> all = new ArrayList<>(members);
        all.addAll(List.of(more));
        return new Shape(components -> {
            ObjectNode json = JSON.createObjectNode();
            json.putArray("allOf").add(schema(components)).add(object(components, List.of(more)));
            return json;
        }, all);
    }

    /** This shape as a component of the document, which other shapes refer to. */
    public Shape named(String name) {
        return new Shape(components -> components.reference(name, this), members);
    }

    /** The names of the members of this object. */
    public List<String> memberNames() {
        return members.stream().map(Member::name).toList();
    }

    /** Writes this shape as JSON Schema. Named shapes in it become components. */
    ObjectNode schema(Components components) {
        return schema.apply(components);
    }
}
