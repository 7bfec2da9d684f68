package dev.postern.protocol.onenet;

import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.credential.Permission;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.ApiKeys;
import dev.postern.issuance.ManagedApiKeys;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.CustomerChanges.Customer;
import dev.postern.store.Replication;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The calls to {@code /keys} that change an API key. Each is recorded in the audit log, with the key in the form of the
 * management API, and with its ID in place of the key itself. A call for a key that does not exist changes nothing and
 * is not recorded.
 */
final class KeyChanges {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String PATH = "/keys";

    private final ApiKeys apiKeys;
    private final KeyDevices devices;
    private final Replication replication;
    private final CustomerChanges changes;
    private final KeysFailures failures;

    KeyChanges(ApiKeys apiKeys, KeyDevices devices, Replication replication, CustomerChanges changes,
            KeysFailures failures) {
        this.apiKeys = apiKeys;
        this.devices = devices;
        this.replication = replication;
        this.changes = changes;
        this.failures = failures;
    }

    Mono<ObjectNode> create(Customer owner, KeyInput.WantedKey wanted) {
        return changes.record(owner.change("POST", PATH, null, json(wanted)),
                apiKeys.create(owner.account(), wanted.title(), wanted.permissions())
                        .map(creation -> switch (creation) {
                            case ApiKeys.Creation.Created(var shown) -> shown;
                            case ApiKeys.Creation.TooMany(var limit) -> throw new KeysException(KeysError.TOO_MANY_KEYS,
                                    "an account can have at most " + limit);
                            case ApiKeys.Creation.NoAccount _ ->
                                throw new KeysException(DenyReason.CREDENTIAL_INVALID.errno(),
                                        "auth failed: " + DenyReason.CREDENTIAL_INVALID.text());
                        }).onErrorMap(failures::of),
                KeysFailures::status, shown -> json(apiKeys.identify(shown)))
                .map(shown -> KeysReply.key(shown.secret().secret()));
    }

    Mono<ObjectNode> overwrite(Customer owner, PresentedCredential secret, KeyInput.WantedKey wanted) {
        return recorded(owner, secret, "PUT", "", json(wanted),
                replication.confirmed(apiKeys.overwrite(owner.account(), secret, wanted.title(), wanted.permissions()))
                        .map(_ -> KeysReply.key(secret.secret())),
                _ -> json(wanted));
    }

    Mono<ObjectNode> delete(Customer owner, PresentedCredential secret) {
        Mono<ObjectNode> delete = replication.confirmed(apiKeys.delete(owner.account(), secret))
                .flatMap(deleted -> deleted ? Mono.just(KeysReply.nothing()) : Mono.empty());
        return recorded(owner, secret, "DELETE", "", null, delete, _ -> null)
                // If the key is not found, this only finishes an interrupted deletion, which the log already has.
                .onErrorResume(KeyChanges::isNotFound, notFound -> delete.switchIfEmpty(Mono.error(notFound)));
    }

    Mono<ObjectNode> changeDevices(Customer owner, PresentedCredential secret, KeyInput.WantedDevices wanted) {
        ObjectNode request = JSON.createObjectNode();
        putIds(request.putArray("add_dev_ids"), wanted.add());
        putIds(request.putArray("del_dev_ids"), wanted.remove());
        return recorded(owner, secret, "PUT", "/devices", request, devices.change(owner.account(), secret, wanted),
                reply -> reply);
    }

    /** @param change empty if the key no longer exists */
    private Mono<ObjectNode> recorded(Customer owner, PresentedCredential secret, String action, String below,
            @Nullable ObjectNode request, Mono<ObjectNode> change,
            Function<ObjectNode, @Nullable ObjectNode> after) {
        return apiKeys.identify(owner.account(), secret).switchIfEmpty(notFound())
                .flatMap(key -> changes.record(
                        owner.change(action, PATH + "/" + key.id() + below, json(key), request),
                        change.switchIfEmpty(notFound()).onErrorMap(failures::of), KeysFailures::status, after));
    }

    private static ObjectNode json(ManagedApiKeys.Listed key) {
        return json(JSON.createObjectNode().put("id", key.id()), key.key().name(), key.key().granted());
    }

    private static ObjectNode json(KeyInput.WantedKey wanted) {
        return json(JSON.createObjectNode(), wanted.title(), wanted.permissions());
    }

    private static ObjectNode json(ObjectNode json, String title, List<Permission> permissions) {
        PermissionJson.write(json.put("name", title).putArray("permissions"), permissions);
        return json;
    }

    private static void putIds(ArrayNode list, Set<DeviceId> ids) {
        ids.forEach(id -> list.add(id.value()));
    }

    static <T> Mono<T> notFound() {
        return Mono.error(() -> new KeysException(KeysError.KEY_NOT_FOUND));
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof KeysException known && known.errno() == KeysError.KEY_NOT_FOUND.errno();
    }
}
