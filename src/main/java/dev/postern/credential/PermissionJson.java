package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.account.RecordJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The permissions of an API key as JSON, in records and in the management API. Keeps the order and the repetitions that
 * the owner wrote.
 */
public final class PermissionJson {
    /** The maximum number of permissions and resources of a key. More would slow down every decision that loads it. */
    public static final int MAX_RESOURCES = 2000;

    private PermissionJson() {}

    public static void write(ArrayNode list, List<Permission> permissions) {
        permissions.forEach(permission -> write(list.addObject(), permission));
    }

    private static void write(ObjectNode json, Permission permission) {
        ArrayNode actions = json.putArray("actions");
        permission.actions().forEach(action -> actions.add(action.word()));
        ArrayNode resources = json.putArray("resources");
        for (Permission.Resource resource : permission.resources()) {
            ObjectNode entry = resources.addObject().put("device", resource.device().value());
            resource.stream().ifPresent(stream -> entry.put("stream", stream.value()));
        }
    }

    /** Reads what {@link #write} wrote into a record. */
    static List<Permission> readRecord(JsonNode list) {
        List<Permission> permissions = new ArrayList<>();
        for (JsonNode entry : list) {
            RecordJson permission = new RecordJson(entry).requireOnly("actions", "resources");
            Set<Action> actions = new LinkedHashSet<>();
            permission.strings("actions").forEach(word -> actions.add(action(word).orElseThrow()));
            List<Permission.Resource> resources = new ArrayList<>();
            for (JsonNode each : permission.array("resources")) {
                RecordJson resource = new RecordJson(each).requireOnly("device", "stream");
                resources.add(new Permission.Resource(new DeviceId(resource.string("device")),
                        resource.optionalString("stream").map(StreamId::new)));
            }
            permissions.add(new Permission(actions, resources));
        }
        return permissions;
    }

    /** The action that is written with exactly this word. */
    private static Optional<Action> action(String word) {
        return Action.named(word).filter(action -> action.word().equals(word));
    }

    /**
     * Reads what a person wrote.
     *
     * @param where the name of the list
     * @throws IllegalArgumentException if it is not a list of permissions, or is too long; the message says where
     */
    public static List<Permission> read(String where, @Nullable JsonNode json) {
        List<Permission> permissions = new ArrayList<>();
        int size = 0;
        for (JsonNode entry : list(where, json)) {
            String at = where + "[" + permissions.size() + "]";
            requireOnly(at, entry, "actions", "resources");
            Permission permission = new Permission(actions(at + ".actions", entry.get("actions")),
                    resources(at + ".resources", entry.get("resources")));
            size += 1 + permission.resources().size();
            if (size > MAX_RESOURCES) {
                throw new IllegalArgumentException(
                        where + " has more than " + MAX_RESOURCES + " permissions and resources");
            }
            permissions.add(permission);
        }
        return permissions;
    }

    private static Set<Action> actions(String where, @Nullable JsonNode json) {
        Set<Action> actions = new LinkedHashSet<>();
        for (JsonNode word : list(where, json)) {
            actions.add(Optional.of(word).filter(JsonNode::isString).flatMap(text -> action(text.stringValue()))
                    .orElseThrow(() -> new IllegalArgumentException(
                            where + " has something other than get, post, put and delete")));
        }
        return actions;
    }

    private static List<Permission.Resource> resources(String where, @Nullable JsonNode json) {
        List<Permission.Resource> resources = new ArrayList<>();
        for (JsonNode entry : list(where, json)) {
            String at = where + "[" + resources.size() + "]";
            requireOnly(at, entry, "device", "stream");
            String device = id(at + ".device", entry.get("device"));
            resources.add(new Permission.Resource(new DeviceId(device), entry.has("stream")
                    ? Optional.of(new StreamId(id(at + ".stream", entry.get("stream"))))
                    : Optional.empty()));
            if (resources.size() > MAX_RESOURCES) {
                throw new IllegalArgumentException(where + " has more than " + MAX_RESOURCES + " entries");
            }
        }
        return resources;
    }

    /** Devices and streams have the same form of IDs. */
    private static String id(String where, @Nullable JsonNode json) {
        if (json == null || !json.isString() || !DeviceId.isValid(json.stringValue())
                || !StreamId.isValid(json.stringValue())) {
            throw new IllegalArgumentException(where + " is not an ID");
        }
        return json.stringValue();
    }

    private static JsonNode list(String where, @Nullable JsonNode json) {
        if (json == null) {
            throw new IllegalArgumentException(where + " is missing");
        }
        if (!json.isArray()) {
            throw new IllegalArgumentException(where + " is not a list");
        }
        return json;
    }

    private static void requireOnly(String where, JsonNode json, String... members) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(where + " is not an object");
        }
        Set<String> known = Set.of(members);
        for (String present : json.propertyNames()) {
            if (!known.contains(present)) {
                throw new IllegalArgumentException(
                        where + " has an unknown member. Allowed are " + String.join(", ", members));
            }
        }
    }
}
