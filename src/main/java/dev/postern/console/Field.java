package dev.postern.console;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A field of a form, and the member of the API that it stands for.
 *
 * @param name     of the member, and part of the key of its label
 * @param required whether it must be filled in
 * @param fixed    whether it cannot be changed once the resource exists
 * @param from     the list of the API that the choices come from, under the account or at the top; empty if none
 */
record Field(String name, Type type, boolean required, boolean fixed, Optional<Choices> from, List<String> words) {
    /** How the field is filled in. */
    enum Type {
        TEXT,
        WORD,
        MANY,
        LINES,
        CHECK,
        TIME,
        /** Rules, one a row. */
        RULES,
        /** The permissions of an API key, one a row. */
        PERMISSIONS
    }

    /**
     * Where the choices come from.
     *
     * @param path  of the list, below the account if it does not begin with a slash
     * @param list  the name of the list in the reply
     * @param label the member that is shown next to the ID
     */
    record Choices(String path, String list, String label) {}

    /** The APIs of the catalogue. */
    static final Choices APIS = new Choices("/api/v1/apis", "apis", "name");

    static Field text(String name, boolean required) {
        return new Field(name, Type.TEXT, required, false, Optional.empty(), List.of());
    }

    static Field fixedText(String name, boolean required) {
        return new Field(name, Type.TEXT, required, true, Optional.empty(), List.of());
    }

    static Field word(String name, String... words) {
        return new Field(name, Type.WORD, true, true, Optional.empty(), List.of(words));
    }

    static Field many(String name, String path, String list) {
        return new Field(name, Type.MANY, true, false, Optional.of(new Choices(path, list, "name")), List.of());
    }

    static Field lines(String name) {
        return new Field(name, Type.LINES, false, false, Optional.empty(), List.of());
    }

    static Field check(String name) {
        return new Field(name, Type.CHECK, false, false, Optional.empty(), List.of());
    }

    static Field time(String name) {
        return new Field(name, Type.TIME, false, false, Optional.empty(), List.of());
    }

    static Field rules() {
        return new Field("rules", Type.RULES, false, false, Optional.empty(), List.of());
    }

    static Field permissions() {
        return new Field("permissions", Type.PERMISSIONS, false, false, Optional.empty(), List.of());
    }

    /** Whether it is filled in with rows. */
    boolean hasRows() {
        return type == Type.RULES || type == Type.PERMISSIONS;
    }

    /**
     * A field with its current content.
     *
     * @param value   of a text
     * @param values  of a multiple choice
     * @param choices that can be chosen: ID and label
     * @param rows    of rules; empty for any other field
     */
    record Filled(Field field, String value, List<String> values, List<Map<String, String>> choices,
            List<RuleRow> rows) {
        public String name() {
            return field.name();
        }

        /** What is sent with a name, to learn whether another token has it. */
        public String nameCheck(String id) {
            return "{\"id\":\"" + id.replaceAll("[^A-Za-z0-9_-]", "") + "\"}";
        }

        public String type() {
            return field.type().name();
        }

        public boolean required() {
            return field.required();
        }

        public List<String> words() {
            return field.words();
        }
    }
}
