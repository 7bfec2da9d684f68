package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Credentials as JSON records. A record that is not quite what this class writes is refused, never guessed. */
final class CredentialCodec {
    private static final int VERSION = 1;
    private static final String MASTER_KEY = "master-key";
    private static final String API_KEY = "api-key";
    private static final JsonMapper JSON = JsonMapper.shared();

    private CredentialCodec() {}

    static String encode(Credential credential) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", VERSION);
        json.put("account", credential.account().value());
        switch (credential) {
            case MasterKey masterKey -> json.put("kind", MASTER_KEY);
            case ApiKey apiKey -> {
                json.put("kind", API_KEY);
                json.put("title", apiKey.title());
                json.put("created", apiKey.created().toEpochMilli());
                json.put("sealed", apiKey.sealedKey());
                ArrayNode permissions = json.putArray("permissions");
                apiKey.granted().forEach(permission -> write(permissions.addObject(), permission));
            }
        }
        return JSON.writeValueAsString(json);
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

    /**
     * @param key the Redis key of the record, for the complaint
     * @throws UnreadableRecordException if the record is not one of this version
     */
    static Credential decode(String key, String record) {
        try {
            JsonNode json = JSON.readTree(record);
            if (json.required("v").intValue() != VERSION) {
                throw new UnreadableRecordException(
                        "The record " + key + " has a version that this gate does not know.");
            }
            AccountId account = new AccountId(string(json.required("account")));
            requireKnown(json, "v", "account", "kind", "title", "created", "sealed", "permissions");
            return switch (string(json.required("kind"))) {
                case MASTER_KEY -> new MasterKey(account);
                case API_KEY -> new ApiKey(account, string(json.required("title")),
                        Instant.ofEpochMilli(json.required("created").longValue()), permissions(json),
                        string(json.required("sealed")));
                case String unknown -> throw new UnreadableRecordException(
                        "The record " + key + " is of a kind that this gate does not know.");
            };
        } catch (JacksonException | IllegalArgumentException | NoSuchElementException corrupt) {
            // The cause might quote the record.
            throw new UnreadableRecordException("The record " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }

    private static List<Permission> permissions(JsonNode json) {
        List<Permission> permissions = new ArrayList<>();
        for (JsonNode permission : array(json, "permissions")) {
            requireKnown(permission, "actions", "resources");
            Set<Action> actions = new LinkedHashSet<>();
            array(permission, "actions").forEach(word -> actions.add(action(string(word))));
            List<Permission.Resource> resources = new ArrayList<>();
            for (JsonNode resource : array(permission, "resources")) {
                requireKnown(resource, "device", "stream");
                JsonNode stream = resource.get("stream");
                resources.add(new Permission.Resource(new DeviceId(string(resource.required("device"))),
                        stream == null ? Optional.empty() : Optional.of(new StreamId(string(stream)))));
            }
            permissions.add(new Permission(actions, resources));
        }
        return permissions;
    }

    private static JsonNode array(JsonNode json, String member) {
        JsonNode value = json.required(member);
        if (!value.isArray()) {
            throw new IllegalArgumentException(member + " is not a list");
        }
        return value;
    }

    private static Action action(String word) {
        return Action.named(word).filter(action -> action.word().equals(word)).orElseThrow();
    }

    /** A limit that is not understood must not be overlooked: without it the record would permit more. */
    private static void requireKnown(JsonNode json, String... members) {
        for (String present : json.propertyNames()) {
            if (!List.of(members).contains(present)) {
                throw new IllegalArgumentException("a member is not known");
            }
        }
    }

    /** Unlike {@link JsonNode#stringValue()}, which makes a Java null of a JSON one. */
    static String string(JsonNode value) {
        if (!value.isString()) {
            throw new IllegalArgumentException("not a string");
        }
        return value.stringValue();
    }
}
