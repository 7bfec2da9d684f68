package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rules as JSON, in the records and in the management API:
 * {@code {"apis":"all","actions":["get"],"devices":["lamp-1"],"streams":["temp"]}}. {@code projects} or {@code users}
 * can replace {@code devices}. {@code apis} and {@code devices} can be {@code "all"}, which is the default for
 * {@code apis}. Without {@code streams}, the rule covers the whole device. An empty list permits nothing.
 */
public final class RuleJson {
    /** The maximum number of rules of a credential. */
    public static final int MAX_RULES = 100;
    /** The maximum number of entries in a list of a rule. */
    public static final int MAX_ENTRIES = 2000;

    /** The maximum number of projects and users in the rules of a credential. Each one costs a lookup. */
    public static final int MAX_GROUPS = 100;

    private static final String ALL = "all";
    private static final List<String> DEVICE_MEMBERS = List.of("devices", "projects", "users");
    private static final List<String> MEMBERS = List.of("apis", "actions", "devices", "projects", "users", "streams");

    private RuleJson() {}

    /** A single rule that permits everything in the account. */
    public static List<Rule> everything() {
        return List.of(new Rule(new ApiSet.Every(), EnumSet.allOf(Action.class), new DeviceSet.AllOfAccount(),
                new StreamSet.WholeDevice()));
    }

    /**
     * Reads a list of rules.
     *
     * @param where the name of the list for error messages
     * @throws IllegalArgumentException if it is not a valid list; the message says where and why
     */
    public static List<Rule> read(String where, JsonNode json) {
        if (!json.isArray() || json.size() > MAX_RULES) {
            throw new IllegalArgumentException(where + " is not a list of at most " + MAX_RULES + " rules");
        }
        List<Rule> rules = new ArrayList<>();
        for (JsonNode rule : json) {
            rules.add(rule(where + "[" + rules.size() + "]", rule));
        }
        if (groups(rules).size() > MAX_GROUPS) {
            throw new IllegalArgumentException(
                    where + " name more than " + MAX_GROUPS + " projects and users");
        }
        return List.copyOf(rules);
    }

    /** The projects and users that rules name. */
    public static Set<DeviceGroup> groups(List<Rule> rules) {
        Set<DeviceGroup> groups = new LinkedHashSet<>();
        for (Rule rule : rules) {
            if (rule.devices() instanceof DeviceSet.Of(var named)) {
                groups.addAll(named);
            }
        }
        return groups;
    }

    private static Rule rule(String where, JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(where + " is not a JSON object");
        }
        for (String present : json.propertyNames()) {
            if (!MEMBERS.contains(present)) {
                throw new IllegalArgumentException(where + " has an unknown member. Allowed are "
                        + String.join(", ", MEMBERS));
            }
        }
        JsonNode apis = json.get("apis");
        JsonNode streams = json.get("streams");
        return new Rule(
                apis == null || isAll(apis)
                        ? new ApiSet.Every()
                        : new ApiSet.Only(ids(where + ".apis", apis, ApiId::isValid, ApiId::new)),
                actions(where + ".actions", json.get("actions")), devices(where, json),
                streams == null
                        ? new StreamSet.WholeDevice()
                        : new StreamSet.Only(ids(where + ".streams", streams, StreamId::isValid, StreamId::new)));
    }

    private static Set<Action> actions(String where, JsonNode json) {
        Set<Action> actions = EnumSet.noneOf(Action.class);
        for (String word : ids(where, json, word -> Action.named(word).isPresent(), word -> word)) {
            Action.named(word).ifPresent(actions::add);
        }
        return actions;
    }

    private static DeviceSet devices(String where, JsonNode json) {
        List<String> present = DEVICE_MEMBERS.stream().filter(json::has).toList();
        if (present.size() != 1) {
            throw new IllegalArgumentException(
                    where + " must have exactly one of " + String.join(", ", DEVICE_MEMBERS));
        }
        String member = present.getFirst();
        JsonNode value = json.required(member);
        return switch (member) {
            case "projects" -> groups(where + ".projects", value, DeviceGroup.Kind.PROJECT);
            case "users" -> groups(where + ".users", value, DeviceGroup.Kind.USER);
            default -> isAll(value)
                    ? new DeviceSet.AllOfAccount()
                    : new DeviceSet.Only(ids(where + ".devices", value, DeviceId::isValid, DeviceId::new));
        };
    }

    private static DeviceSet groups(String where, JsonNode json, DeviceGroup.Kind kind) {
        return new DeviceSet.Of(ids(where, json, DeviceGroup::isValid, id -> new DeviceGroup(kind, id)));
    }

    private static boolean isAll(JsonNode json) {
        return json.isString() && json.stringValue().equals(ALL);
    }

    private static <T> Set<T> ids(String where, @Nullable JsonNode json, Predicate<String> isValid,
            Function<String, T> make) {
        return ids(where, json, MAX_ENTRIES, isValid, make);
    }

    /**
     * Reads a list of IDs.
     *
     * @param max the maximum number of entries
     * @throws IllegalArgumentException if it is not a list, is too long, or has an invalid ID; the message says which
     */
    public static <T> Set<T> ids(String where, @Nullable JsonNode json, int max, Predicate<String> isValid,
            Function<String, T> make) {
        if (json == null || json.isNull()) {
            throw new IllegalArgumentException(where + " is missing");
        }
        if (!json.isArray()) {
            throw new IllegalArgumentException(where + " is not a list");
        }
        if (json.size() > max) {
            throw new IllegalArgumentException(where + " has " + json.size() + " entries; the maximum is " + max);
        }
        Set<T> ids = new LinkedHashSet<>();
        int place = 0;
        for (JsonNode entry : json) {
            if (!entry.isString() || !isValid.test(entry.stringValue())) {
                throw new IllegalArgumentException(where + "[" + place + "] is not valid");
            }
            ids.add(make.apply(entry.stringValue()));
            place++;
        }
        return ids;
    }

    /** Writes rules in the format that {@link #read} reads. */
    public static void write(ArrayNode list, List<Rule> rules) {
        for (Rule rule : rules) {
            ObjectNode json = list.addObject();
            switch (rule.apis()) {
                case ApiSet.Every() -> json.put("apis", ALL);
                case ApiSet.Only(var apis) -> write(json.putArray("apis"), apis, ApiId::value);
            }
            write(json.putArray("actions"), rule.actions(), Action::word);
            switch (rule.devices()) {
                case DeviceSet.AllOfAccount() -> json.put("devices", ALL);
                case DeviceSet.Only(var devices) -> write(json.putArray("devices"), devices, DeviceId::value);
                case DeviceSet.Of(var groups) -> {
                    boolean users = groups.stream().anyMatch(group -> group.kind() == DeviceGroup.Kind.USER);
                    write(json.putArray(users ? "users" : "projects"), groups, DeviceGroup::id);
                }
            }
            if (rule.streams() instanceof StreamSet.Only(var streams)) {
                write(json.putArray("streams"), streams, StreamId::value);
            }
        }
    }

    /** Sorted, so that equal rules are written as equal text. */
    private static <T> void write(ArrayNode list, Collection<T> ids, Function<T, String> text) {
        ids.stream().map(text).sorted(Comparator.naturalOrder()).forEach(list::add);
    }
}
