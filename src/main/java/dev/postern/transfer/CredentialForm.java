package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.Limits;
import dev.postern.access.Network;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.RuleJson;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts between the record of a credential and its line. Members that people may read and edit have the names of the
 * management API; everything else of the record is in {@code secrets}.
 */
final class CredentialForm {
    static final String ID = "id";
    static final String NAME = "name";
    static final String CREATED = "created_at";
    static final String PLATFORM = "platform";
    private static final String ENABLED = "enabled";
    private static final String EXPIRES = "expires_at";
    private static final String NETWORKS = "allowed_networks";
    /** Belongs to the reservation of the name in this store. */
    private static final String NAME_MARK = "name_mark";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ResourceKind kind;
    /** Names of members in lines, by their names in records. */
    private final Map<String, String> names = new LinkedHashMap<>();

    CredentialForm(ResourceKind kind) {
        this.kind = kind;
        names.put(kind == ResourceKind.API_KEY ? "title" : "name", NAME);
        names.put("created", CREATED);
        names.put("enabled", ENABLED);
        own(kind).forEach(member -> names.put(member, member));
        names.put("expires", EXPIRES);
        names.put("networks", NETWORKS);
    }

    private static List<String> own(ResourceKind kind) {
        return switch (kind) {
            case API_KEY -> List.of("permissions");
            case STATIC_TOKEN -> List.of("rules");
            case APPLICATION -> List.of(PLATFORM, "rules");
            case RSA_TOKEN -> List.of("apis", "projects");
            case JWT_TOKEN -> List.of("apis", "users");
            case ACCOUNT, PROJECT, USER, LICENSE, DEVICE, AUTHCODE, BLOCKED_SUBJECT, SHARE ->
                throw new IllegalArgumentException(kind + " is not a kind of credential");
        };
    }

    String[] members() {
        return Stream.concat(Stream.of(ID, Secrets.MEMBER), names.values().stream()).toArray(String[]::new);
    }

    /** Writes the members that people may read, and returns the rest of the record. */
    ObjectNode write(Credential.Managed credential, ObjectNode members) {
        ObjectNode record = (ObjectNode) JSON.readTree(CredentialCodec.encode(credential));
        record.remove(List.of(Resource.ACCOUNT, Resource.KIND, NAME_MARK));
        names.forEach((stored, shown) -> {
            JsonNode value = record.remove(stored);
            if (shown.equals(ENABLED)) {
                members.put(shown, credential.enabled());
            } else if (value != null) {
                members.set(shown, isTime(shown)
                        ? JSON.stringNode(Instant.ofEpochMilli(value.longValue()).toString())
                        : value);
            }
        });
        return record;
    }

    private static boolean isTime(String shown) {
        return shown.equals(CREATED) || shown.equals(EXPIRES);
    }

    /**
     * Reads the members that people may edit.
     *
     * @param secrets the rest of the record
     */
    Credential.Stored read(AccountId account, Members line, ObjectNode secrets) {
        check(line);
        ObjectNode record = secrets.deepCopy().put(Resource.ACCOUNT, account.value()).put(Resource.KIND, kind.word());
        names.forEach((stored, shown) -> {
            JsonNode value = line.get(shown);
            if (value != null) {
                record.set(stored, isTime(shown)
                        ? JSON.getNodeFactory().numberNode(Instant.parse(value.stringValue()).toEpochMilli())
                        : value);
            }
        });
        if (record.path("networks").isEmpty()) {
            record.remove("networks");
        }
        try {
            return CredentialCodec.decode("of the line", JSON.writeValueAsString(record));
        } catch (UnreadableRecordException unreadable) {
            throw new LineFault(LineFault.Reason.FIELD_INVALID, Optional.of(Secrets.MEMBER),
                    "secrets are of a version that this gate does not know.");
        }
    }

    /** Each member by itself, so that the error names it. */
    private void check(Members line) {
        var _ = line.name(NAME);
        var _ = line.time(CREATED);
        var _ = line.flag(ENABLED);
        var _ = line.optionalTime(EXPIRES);
        if (line.has(NETWORKS)) {
            checkNetworks(line.required(NETWORKS));
        }
        for (String member : own(kind)) {
            var _ = Members.valid(member, () -> switch (member) {
                case "permissions" -> PermissionJson.read(member, line.get(member));
                case "rules" -> RuleJson.read(member, line.required(member));
                case "apis" -> RuleJson.ids(member, line.get(member), RuleJson.MAX_ENTRIES, ApiId::isValid, id -> id);
                case PLATFORM -> platform(line.string(member));
                default -> RuleJson.ids(member, line.get(member), RuleJson.MAX_ENTRIES, DeviceGroup::isValid, id -> id);
            });
        }
    }

    private static String platform(String word) {
        return Application.Platform.named(word)
                .orElseThrow(() -> LineFault.invalid(PLATFORM, "is neither software nor hardware")).word();
    }

    private static void checkNetworks(JsonNode networks) {
        if (!networks.isArray() || networks.size() > Limits.MAX_NETWORKS) {
            throw LineFault.invalid(NETWORKS, "is not a list of at most " + Limits.MAX_NETWORKS + " networks");
        }
        for (int i = 0; i < networks.size(); i++) {
            JsonNode entry = networks.required(i);
            String where = NETWORKS + "[" + i + "]";
            if (!entry.isString()) {
                throw LineFault.invalid(where, "is not a string");
            }
            var _ = Members.valid(where, () -> Network.parse(entry.stringValue()));
        }
    }
}
