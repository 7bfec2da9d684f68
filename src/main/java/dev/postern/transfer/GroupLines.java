package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.DeviceGroups;
import dev.postern.credential.RuleJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Projects, or users. */
final class GroupLines implements TransferPart<DeviceGroups.Details> {
    private static final String ID = "id";
    private static final String NAME = "name";
    private static final String DEVICES = "devices";

    private final DeviceGroups groups;
    private final DeviceGroup.Kind kind;

    GroupLines(DeviceGroups groups, DeviceGroup.Kind kind) {
        this.groups = groups;
        this.kind = kind;
    }

    @Override
    public ResourceKind kind() {
        return switch (kind) {
            case PROJECT -> ResourceKind.PROJECT;
            case USER -> ResourceKind.USER;
        };
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return groups.all(account, kind).map(details -> write(account, details));
    }

    @Override
    public DeviceGroups.Details read(AccountId account, Members line) {
        line.only(ID, NAME, DEVICES);
        return new DeviceGroups.Details(new DeviceGroup(kind, line.id(ID)), line.name(NAME),
                Members.valid(DEVICES, () -> RuleJson.ids(DEVICES, line.get(DEVICES), DeviceGroups.MAX_DEVICES,
                        DeviceId::isValid, DeviceId::new)));
    }

    @Override
    public Resource write(AccountId account, DeviceGroups.Details details) {
        ObjectNode members = JsonMapper.shared().createObjectNode().put(ID, details.group().id()).put(NAME,
                details.name());
        ArrayNode devices = members.putArray(DEVICES);
        details.devices().stream().map(DeviceId::value).sorted().forEach(devices::add);
        return new Resource(kind(), account, details.group().id(), members);
    }

    @Override
    public Mono<Map<String, Resource>> find(AccountId account, List<DeviceGroups.Details> wanted) {
        return groups.load(account, kind, wanted.stream().map(details -> details.group().id()).toList())
                .map(details -> write(account, details)).collectMap(Resource::id);
    }

    @Override
    public Flux<Optional<RuntimeException>> create(AccountId account, List<DeviceGroups.Details> wanted) {
        return Flux.fromIterable(wanted).concatMap(details -> EachPart.refusal(groups.create(account, details)));
    }

    @Override
    public Mono<Void> change(AccountId account, DeviceGroups.Details wanted, List<String> differences) {
        return groups.replace(account, wanted);
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, DeviceGroups.Details wanted, Forecast forecast) {
        return forecast.requireRoom(kind(), account, groups.count(account, kind), DeviceGroups.MAX_GROUPS);
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return groups.delete(account, new DeviceGroup(kind, present.id())).then();
    }
}
