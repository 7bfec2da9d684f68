package dev.postern.protocol.onenet;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.Page;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.ApiKeys;
import dev.postern.store.Replication;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code /keys/{key}/devices}: the devices that the permissions of an API key name. */
final class KeyDevices {
    private final ApiKeys apiKeys;
    private final DeviceTitles titles;
    private final Replication replication;

    KeyDevices(ApiKeys apiKeys, DeviceTitles titles, Replication replication) {
        this.apiKeys = apiKeys;
        this.titles = titles;
        this.replication = replication;
    }

    /** Lists these devices, or those of the account's other API keys; empty if the account has no such key. */
    Mono<ObjectNode> list(AccountId account, PresentedCredential secret, KeyQuery query) {
        Page.Request page = query.page();
        boolean related = query.flag("is_related", true);
        Optional<DeviceId> only = query.device("device_id", "dev_id");
        Optional<String> title = query.text("device_title");
        return apiKeys.find(account, secret).flatMap(key -> candidates(account, key, related)
                .map(devices -> devices.stream().filter(device -> only.map(device::equals).orElse(true)).toList())
                .flatMap(devices -> title.isEmpty()
                        ? Mono.just(devices)
                        : titles.of(account, devices).map(known -> startingWith(title.get(), devices, known)))
                .map(page::of)
                .flatMap(devices -> titles.of(account, devices.items())
                        .map(known -> KeysReply.devices(devices, page, known, related))));
    }

    private Mono<Set<DeviceId>> candidates(AccountId account, ApiKey key, boolean related) {
        return related ? Mono.just(key.devices()) : apiKeys.devices(account).map(all -> {
            Set<DeviceId> others = new LinkedHashSet<>(all);
            others.removeAll(key.devices());
            return others;
        });
    }

    private static List<DeviceId> startingWith(String start, List<DeviceId> devices, Map<DeviceId, String> titles) {
        return devices.stream().filter(device -> titles.getOrDefault(device, "").startsWith(start)).toList();
    }

    /** Adds devices to an API key and removes others; empty if the account has no such key. */
    Mono<ObjectNode> change(AccountId account, PresentedCredential secret, KeyInput.WantedDevices wanted) {
        return Mono.defer(() -> {
            // Set again on every retry, so that it describes the change that was written.
            AtomicReference<Change> last = new AtomicReference<>();
            return replication.confirmed(apiKeys.changePermissions(account, secret, granted -> {
                Change change = Change.of(granted, wanted);
                last.set(change);
                return change.permissions();
            })).map(_ -> KeysReply.changed(last.get().added(), last.get().removed()));
        });
    }

    /**
     * A change of permissions.
     *
     * @param added   the number of devices that the key did not name before
     * @param removed the number of devices that it no longer names
     */
    private record Change(List<Permission> permissions, int added, int removed) {
        /**
         * An added device joins every permission of the key as a whole device, unless a permission already names it:
         * adding must never widen what a key may do on a device that it already has.
         */
        static Change of(List<Permission> granted, KeyInput.WantedDevices wanted) {
            Set<DeviceId> known = new LinkedHashSet<>();
            granted.forEach(permission -> permission.resources().forEach(resource -> known.add(resource.device())));
            List<DeviceId> added = wanted.add().stream().filter(device -> !known.contains(device)).toList();
            List<Permission> present = granted.isEmpty() ? List.of(new Permission(Set.of(), List.of())) : granted;
            List<Permission> changed = new ArrayList<>();
            for (Permission permission : present) {
                List<Permission.Resource> resources = new ArrayList<>(
                        KeyInput.without(permission, wanted.remove()).resources());
                added.forEach(device -> resources.add(new Permission.Resource(device, Optional.empty())));
                changed.add(new Permission(permission.actions(), resources));
            }
            KeyInput.requireFew(changed);
            return new Change(changed, added.size(),
                    (int) wanted.remove().stream().filter(known::contains).count());
        }
    }
}
