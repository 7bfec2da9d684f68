package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.account.RecordJson;
import dev.postern.store.UnreadableRecordException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts credentials to JSON records and back. A record that differs at all from what this class writes is rejected.
 */
public final class CredentialCodec {
    private static final int VERSION = 1;
    private static final String MASTER_KEY = "master-key";
    private static final String API_KEY = "api-key";
    private static final String STATIC_TOKEN = "static-token";
    private static final String APPLICATION = "application";
    private static final String ACCESS_TOKEN = "access-token";
    private static final String RSA_TOKEN = "rsa-token";
    private static final String JWT_TOKEN = "jwt-token";
    private static final JsonMapper JSON = JsonMapper.shared();

    private CredentialCodec() {}

    public static String encode(Credential.Stored credential) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", VERSION);
        json.put("account", credential.account().value());
        json.put("kind", kind(credential));
        switch (credential) {
            case MasterKey _ -> {
            }
            case ApiKey apiKey -> write(json, apiKey);
            case StaticToken token -> token.write(json);
            case Application application -> application.write(json);
            case AccessToken token -> token.write(json);
            case RsaToken token -> token.write(json);
            case JwtToken token -> token.write(json);
        }
        return JSON.writeValueAsString(json);
    }

    /** The name of a credential's kind, used in records and error messages. */
    public static String kind(Credential.Stored credential) {
        return switch (credential) {
            case MasterKey _ -> MASTER_KEY;
            case ApiKey _ -> API_KEY;
            case StaticToken _ -> STATIC_TOKEN;
            case Application _ -> APPLICATION;
            case AccessToken _ -> ACCESS_TOKEN;
            case RsaToken _ -> RSA_TOKEN;
            case JwtToken _ -> JWT_TOKEN;
        };
    }

    private static void write(ObjectNode json, ApiKey apiKey) {
        json.put("title", apiKey.title());
        json.put("created", apiKey.created().toEpochMilli());
        json.put("sealed", apiKey.sealedKey());
        ArrayNode permissions = json.putArray("permissions");
        apiKey.granted().forEach(permission -> write(permissions.addObject(), permission));
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
     * @param key the Redis key of the record, for the error message
     * @throws UnreadableRecordException if the record was not written by this version
     */
    public static Credential.Stored decode(String key, String record) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(record));
            if (json.number("v") != VERSION) {
                throw new UnreadableRecordException(
                        "The record " + key + " has a version that is unknown to this gate.");
            }
            return switch (json.string("kind")) {
                case MASTER_KEY -> new MasterKey(json.requireOnly("v", "account", "kind").account());
                case API_KEY -> apiKey(json);
                case STATIC_TOKEN -> StaticToken.read(json);
                case APPLICATION -> Application.read(json);
                case ACCESS_TOKEN -> AccessToken.read(json);
                case RSA_TOKEN -> RsaToken.read(json);
                case JWT_TOKEN -> JwtToken.read(json);
                case String unknown -> throw new UnreadableRecordException(
                        "The record " + key + " has a kind that is unknown to this gate.");
            };
        } catch (JacksonException | IllegalArgumentException | NoSuchElementException corrupt) {
            // The cause is left out because it might quote the record.
            throw new UnreadableRecordException("The record " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }

    private static ApiKey apiKey(RecordJson json) {
        json.requireOnly("v", "account", "kind", "title", "created", "sealed", "permissions");
        return new ApiKey(json.account(), json.string("title"), json.time("created"), permissions(json),
                json.string("sealed"));
    }

    private static List<Permission> permissions(RecordJson json) {
        List<Permission> permissions = new ArrayList<>();
        for (JsonNode entry : json.array("permissions")) {
            RecordJson permission = new RecordJson(entry).requireOnly("actions", "resources");
            Set<Action> actions = new LinkedHashSet<>();
            permission.strings("actions").forEach(word -> actions.add(action(word)));
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

    private static Action action(String word) {
        return Action.named(word).filter(action -> action.word().equals(word)).orElseThrow();
    }
}
