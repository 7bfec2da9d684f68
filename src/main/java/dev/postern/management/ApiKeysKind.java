package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.credential.Permission;
import dev.postern.credential.PermissionJson;
import dev.postern.issuance.ManagedApiKeys;
import dev.postern.issuance.NamedCredentials;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import java.util.List;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/api-keys}: the API keys, which the account can also manage itself with {@code /keys}. */
final class ApiKeysKind implements CredentialKind<ManagedApiKeys.Listed> {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ManagedApiKeys keys;
    private final RotationCalls rotation;

    ApiKeysKind(ManagedApiKeys keys, RotationCalls rotation) {
        this.rotation = rotation;
        this.keys = keys;
    }

    @Override
    public String plural() {
        return "api-keys";
    }

    @Override
    public String[] membersOfCreate() {
        return new String[]{"name", "permissions"};
    }

    @Override
    public String[] membersOfReplace() {
        return new String[]{"name", "enabled", "permissions"};
    }

    @Override
    public AccountRoutes add(AccountRoutes routes) {
        routes.on(Operation.get("/{id}/key", "getApiKeyItself", "Shows the key itself; the new one if it was rotated.")
                .in(CredentialOperations.TAG).returns(Shape.object(CredentialShapes.secrets(plural()))), this::showKey);
        return rotation.add(this, routes,
                (account, id, overlap) -> keys.rotate(account, id, overlap).map(this::shown),
                (account, id, revoked) -> keys.endRotation(account, id, revoked).map(this::json));
    }

    @Override
    public Mono<ObjectNode> create(AccountId account, JsonInput input) {
        String name = input.name("name");
        List<Permission> permissions = permissions(input);
        Limits limits = LimitsInput.create(input);
        return keys.create(account, name, permissions, limits)
                .map(this::shown);
    }

    private ObjectNode shown(ManagedApiKeys.Shown shown) {
        return json(shown.listed()).put("key", shown.secret().secret());
    }

    private static List<Permission> permissions(JsonInput input) {
        return JsonInput.valid(() -> PermissionJson.read("permissions", input.required("permissions")));
    }

    @Override
    public NamedCredentials<ManagedApiKeys.Listed> credentials() {
        return keys;
    }

    @Override
    public Mono<ObjectNode> replace(AccountId account, String id, JsonInput input) {
        return keys.replace(account, id, input.name("name"), input.flag("enabled", true), permissions(input),
                LimitsInput.replace(input)).map(this::json);
    }

    private Mono<ServerResponse> showKey(AccountId account, ServerRequest request) {
        return keys.show(account, request.pathVariable("id"))
                .flatMap(shown -> Replies.ok(JSON.createObjectNode().put("key", shown.secret().secret())));
    }

    @Override
    public ObjectNode json(ManagedApiKeys.Listed listed) {
        ObjectNode json = CredentialJson.of(listed.id(), listed.key());
        PermissionJson.write(json.putArray("permissions"), listed.key().granted());
        return json;
    }
}
