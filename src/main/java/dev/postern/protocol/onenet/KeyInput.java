package dev.postern.protocol.onenet;

import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.credential.Permission;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Parses what clients send to {@code /keys}. It accepts what existing programs write: any content type, a trailing
 * comma, actions in upper or lower case, IDs as numbers, unknown members. It rejects anything ambiguous.
 */
final class KeyInput {
    private static final int MAX_TITLE = 256;
    private static final int MAX_RESOURCES = 2_000;
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder().enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private KeyInput() {}

    /** The title and permissions that the owner requests for a key. */
    record WantedKey(String title, List<Permission> permissions) {}

    /** Devices to add to a key, and devices to remove. */
    record WantedDevices(Set<DeviceId> add, Set<DeviceId> remove) {}

    static WantedKey key(byte[] body) {
        JsonNode json = object(body);
        JsonNode title = json.get("title");
        if (isAbsent(title)) {
            throw new KeysException(KeysError.PARAMETER_MISSING, "title");
        }
        JsonNode permissions = json.get("permissions");
        if (isAbsent(permissions)) {
            throw new KeysException(KeysError.PARAMETER_MISSING, "permissions");
        }
        return new WantedKey(title(title), permissions(permissions));
    }

    static WantedDevices devices(byte[] body) {
        JsonNode json = object(body);
        Set<DeviceId> add = deviceSet(json, "add_dev_ids");
        Set<DeviceId> remove = deviceSet(json, "del_dev_ids");
        if (add.isEmpty() && remove.isEmpty()) {
            throw new KeysException(KeysError.PARAMETER_MISSING, "add_dev_ids or del_dev_ids");
        }
        for (DeviceId device : add) {
            if (remove.contains(device)) {
                throw new KeysException(KeysError.PARAMETER_INVALID,
                        "device " + device + " is in both add_dev_ids and del_dev_ids");
            }
        }
        return new WantedDevices(add, remove);
    }

    private static JsonNode object(byte[] body) {
        if (body.length == 0) {
            throw new KeysException(KeysError.PARAMETER_MISSING, "a JSON body");
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            JsonNode json = JSON.readTree(text);
            if (!json.isObject()) {
                throw new KeysException(KeysError.INVALID_JSON, "the body is not an object");
            }
            return json;
        } catch (CharacterCodingException notUtf8) {
            throw new KeysException(KeysError.INVALID_JSON, "the body is not UTF-8");
        } catch (JacksonException malformed) {
            throw new KeysException(KeysError.INVALID_JSON, malformed.getLocation() == null
                    ? "malformed"
                    : "line " + malformed.getLocation().getLineNr() + ", column "
                            + malformed.getLocation().getColumnNr());
        }
    }

    private static String title(JsonNode json) {
        if (!json.isString()) {
            throw new KeysException(KeysError.PARAMETER_INVALID, "title is not a string");
        }
        String title = json.stringValue();
        if (title.isBlank() || title.length() > MAX_TITLE) {
            throw new KeysException(KeysError.PARAMETER_INVALID, "title must have 1 to " + MAX_TITLE + " characters");
        }
        if (title.chars().anyMatch(Character::isISOControl)) {
            throw new KeysException(KeysError.PARAMETER_INVALID, "title contains a control character");
        }
        return title;
    }

    private static List<Permission> permissions(JsonNode json) {
        requireArray(json, "permissions");
        List<Permission> permissions = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            String where = "permissions[" + i + "]";
            JsonNode permission = json.get(i);
            if (!permission.isObject()) {
                throw new KeysException(KeysError.PARAMETER_INVALID, where + " is not an object");
            }
            permissions.add(new Permission(actions(permission.get("access_methods"), where + ".access_methods"),
                    resources(permission.get("resources"), where + ".resources")));
        }
        requireFew(permissions);
        return permissions;
    }

    /** A key with too many entries would slow down every decision that loads it. */
    static void requireFew(List<Permission> permissions) {
        long resources = permissions.size()
                + permissions.stream().mapToLong(permission -> permission.resources().size()).sum();
        if (resources > MAX_RESOURCES) {
            throw new KeysException(KeysError.PARAMETER_INVALID,
                    "more than " + MAX_RESOURCES + " permissions and resources");
        }
    }

    /** A missing list means no actions: nothing is permitted by default. */
    private static Set<Action> actions(@Nullable JsonNode json, String where) {
        Set<Action> actions = new LinkedHashSet<>();
        if (json == null || json.isNull()) {
            return actions;
        }
        requireArray(json, where);
        for (int i = 0; i < json.size(); i++) {
            int at = i;
            actions.add(Optional.of(json.get(i)).filter(JsonNode::isString)
                    .flatMap(word -> Action.named(word.stringValue()))
                    .orElseThrow(() -> new KeysException(KeysError.PARAMETER_INVALID,
                            where + "[" + at + "] is not one of get, post, put, delete")));
        }
        return actions;
    }

    private static List<Permission.Resource> resources(@Nullable JsonNode json, String where) {
        List<Permission.Resource> resources = new ArrayList<>();
        if (json == null || json.isNull()) {
            return resources;
        }
        requireArray(json, where);
        for (int i = 0; i < json.size(); i++) {
            JsonNode resource = json.get(i);
            String at = where + "[" + i + "]";
            if (!resource.isObject()) {
                throw new KeysException(KeysError.PARAMETER_INVALID, at + " is not an object");
            }
            JsonNode stream = resource.get("ds_id");
            resources.add(new Permission.Resource(new DeviceId(id(resource.get("dev_id"), at + ".dev_id")),
                    isAbsent(stream) ? Optional.empty() : Optional.of(new StreamId(id(stream, at + ".ds_id")))));
        }
        return resources;
    }

    private static Set<DeviceId> deviceSet(JsonNode json, String member) {
        Set<DeviceId> devices = new LinkedHashSet<>();
        JsonNode list = json.get(member);
        if (list == null || list.isNull()) {
            return devices;
        }
        requireArray(list, member);
        if (list.size() > MAX_RESOURCES) {
            throw new KeysException(KeysError.PARAMETER_INVALID,
                    member + " has more than " + MAX_RESOURCES + " entries");
        }
        for (int i = 0; i < list.size(); i++) {
            devices.add(new DeviceId(id(list.get(i), member + "[" + i + "]")));
        }
        return devices;
    }

    private static String id(@Nullable JsonNode json, String where) {
        if (json == null || json.isNull()) {
            throw new KeysException(KeysError.PARAMETER_MISSING, where);
        }
        String id = json.isString()
                ? json.stringValue()
                : json.isIntegralNumber() ? json.bigIntegerValue().toString() : "";
        if (!DeviceId.isValid(id)) {
            throw new KeysException(KeysError.PARAMETER_INVALID,
                    where + " is not an ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
        }
        return id;
    }

    private static void requireArray(JsonNode json, String where) {
        if (!json.isArray()) {
            throw new KeysException(KeysError.PARAMETER_INVALID, where + " is not a list");
        }
    }

    private static boolean isAbsent(@Nullable JsonNode json) {
        return json == null || json.isNull();
    }

    static Permission without(Permission permission, Set<DeviceId> devices) {
        return new Permission(permission.actions(), permission.resources().stream()
                .filter(resource -> !devices.contains(resource.device())).toList());
    }
}
