package dev.postern.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns the rules that the API returns into rows of a form, and back. A rule that goes through the form unchanged must
 * permit exactly what it permitted before, and a missing field must not make it permit more.
 */
final class RuleRows {
    /** The API's limit for a list of permissions. Its limit for a list of rules is lower. */
    private static final int MAX_ROWS = 2000;
    private static final List<String> SCOPES = List.of(RuleRow.ALL, RuleRow.DEVICES, "projects", "users");

    private RuleRows() {}

    /** The row with which the form of a new credential begins: it permits reading only. */
    static List<RuleRow> fresh(Field field) {
        return List.of(RuleRow.fresh(0, first(field)));
    }

    static String first(Field field) {
        return field.type() == Field.Type.PERMISSIONS ? RuleRow.DEVICES : RuleRow.ALL;
    }

    /** The rows for the rules or permissions that the API returned. */
    static List<RuleRow> stored(Field field, @Nullable Object list) {
        List<RuleRow> rows = new ArrayList<>();
        if (list instanceof List<?> entries) {
            for (Object entry : entries) {
                if (entry instanceof Map<?, ?> rule) {
                    rows.addAll(field.type() == Field.Type.PERMISSIONS ? ofPermission(rule) : List.of(ofRule(rule)));
                }
            }
        }
        return numbered(rows);
    }

    static List<RuleRow> numbered(List<RuleRow> rows) {
        return IntStream.range(0, rows.size()).mapToObj(place -> rows.get(place).at(place)).toList();
    }

    private static RuleRow ofRule(Map<?, ?> rule) {
        String scope = SCOPES.stream().filter(name -> rule.get(name) instanceof List<?>).findFirst()
                .orElse(RuleRow.ALL);
        boolean everyApi = !(rule.get("apis") instanceof List<?>);
        boolean whole = !(rule.get("streams") instanceof List<?>);
        return new RuleRow(0, texts(rule.get("actions")), everyApi, texts(rule.get("apis")), scope,
                texts(rule.get(scope)), whole, String.join("\n", texts(rule.get("streams"))), "", List.of());
    }

    /**
     * A row permits each of its streams on each of its devices, so only devices with the same streams may share a row.
     */
    private static List<RuleRow> ofPermission(Map<?, ?> permission) {
        List<String> actions = texts(permission.get("actions"));
        List<String> whole = new ArrayList<>();
        Map<String, TreeSet<String>> limited = new LinkedHashMap<>();
        if (permission.get("resources") instanceof List<?> resources) {
            for (Object each : resources) {
                if (each instanceof Map<?, ?> resource) {
                    String device = String.valueOf(resource.get("device"));
                    if (resource.get("stream") instanceof String stream) {
                        limited.computeIfAbsent(device, _ -> new TreeSet<>()).add(stream);
                    } else {
                        whole.add(device);
                    }
                }
            }
        }
        Map<String, List<String>> byStreams = new LinkedHashMap<>();
        limited.forEach((device, streams) -> byStreams
                .computeIfAbsent(String.join("\n", streams), _ -> new ArrayList<>()).add(device));
        List<RuleRow> rows = new ArrayList<>();
        if (!whole.isEmpty() || byStreams.isEmpty()) {
            rows.add(new RuleRow(0, actions, true, List.of(), RuleRow.DEVICES, whole, true, "", "", List.of()));
        }
        byStreams.forEach((streams, devices) -> rows.add(new RuleRow(0, actions, true, List.of(), RuleRow.DEVICES,
                devices, false, streams, "", List.of())));
        return rows;
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> entries ? entries.stream().map(String::valueOf).toList() : List.of();
    }

    /**
     * The rows that were typed, with the numbers that the form gave them.
     *
     * @throws IllegalArgumentException if there are too many rows, or a number is malformed
     */
    static List<RuleRow> typed(Field field, Forms.Fields form) {
        List<String> numbers = form.all("row").stream().distinct().toList();
        if (numbers.size() > MAX_ROWS) {
            throw new IllegalArgumentException("more than " + MAX_ROWS + " rows");
        }
        return numbers.stream().map(number -> typed(field, Integer.parseUnsignedInt(number), form)).toList();
    }

    private static RuleRow typed(Field field, int number, Forms.Fields form) {
        String prefix = "row." + number + ".";
        // A field that is missing must not permit more.
        String named = form.get(prefix + "scope");
        String scope = SCOPES.contains(named) && field.type() == Field.Type.RULES ? named : RuleRow.DEVICES;
        return new RuleRow(number, form.all(prefix + "actions"), form.get(prefix + "api-choice").equals("every"),
                form.all(prefix + "apis"), scope, form.all(prefix + scope).stream().distinct().toList(),
                form.get(prefix + "stream-choice").equals("whole"), form.get(prefix + "streams"),
                form.get(prefix + "search").strip(), List.of());
    }

    /** Writes the rows as the value of the field, as the API takes it. */
    static void put(ObjectNode json, Field field, List<RuleRow> rows) {
        ArrayNode list = json.putArray(field.name());
        rows.forEach(row -> {
            ObjectNode rule = list.addObject();
            addAll(rule.putArray("actions"), row.actions());
            if (field.type() == Field.Type.PERMISSIONS) {
                putResources(rule.putArray("resources"), row);
            } else {
                putRule(rule, row);
            }
        });
    }

    private static void putRule(ObjectNode rule, RuleRow row) {
        if (!row.everyApi()) {
            addAll(rule.putArray("apis"), row.apis());
        }
        if (row.scope().equals(RuleRow.ALL)) {
            rule.put("devices", RuleRow.ALL);
        } else {
            addAll(rule.putArray(row.scope()), row.chosen());
        }
        if (!row.whole()) {
            addAll(rule.putArray("streams"), row.streamList());
        }
    }

    private static void putResources(ArrayNode resources, RuleRow row) {
        for (String device : row.chosen()) {
            if (row.whole()) {
                resources.addObject().put("device", device);
            }
            for (String stream : row.whole() ? List.<String>of() : row.streamList()) {
                resources.addObject().put("device", device).put("stream", stream);
            }
        }
    }

    private static void addAll(ArrayNode list, List<String> values) {
        values.forEach(list::add);
    }
}
