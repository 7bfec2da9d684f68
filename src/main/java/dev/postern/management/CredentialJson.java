package dev.postern.management;

import dev.postern.access.ApiId;
import dev.postern.credential.Credential;
import java.util.Collection;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON that all kinds of managed credentials share. */
final class CredentialJson {
    private static final JsonMapper JSON = JsonMapper.shared();

    private CredentialJson() {}

    static ObjectNode of(String id, Credential.Managed credential) {
        ObjectNode json = JSON.createObjectNode().put("id", id).put("name", credential.name())
                .put("enabled", credential.enabled()).put("created_at", credential.created().toString());
        LimitsInput.write(json, credential.limits());
        credential.oldSecret().ifPresentOrElse(old -> RotationCalls.write(json, old),
                () -> json.putNull(RotationCalls.MEMBER));
        return json;
    }

    static void putApis(ObjectNode json, Set<ApiId> apis) {
        putIds(json.putArray("apis"), apis.stream().map(ApiId::value).toList());
    }

    /** Sorted, so that equal sets are written as equal text. */
    static void putIds(ArrayNode list, Collection<String> ids) {
        ids.stream().sorted().forEach(list::add);
    }
}
