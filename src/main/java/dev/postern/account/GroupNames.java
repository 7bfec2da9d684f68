package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.search.NameSource;
import java.util.List;
import reactor.core.publisher.Flux;

/** The names of the projects or users of an account, ordered by ID. */
record GroupNames(DeviceGroups groups, DeviceGroup.Kind kind) implements NameSource {
    @Override
    public String list(AccountId account) {
        return DeviceGroups.key(account, kind);
    }

    @Override
    public Flux<Item> all(AccountId account) {
        return groups.all(account, kind).map(GroupNames::item);
    }

    @Override
    public Flux<Item> read(AccountId account, List<String> ids) {
        return groups.load(account, kind, ids).map(GroupNames::item);
    }

    private static Item item(DeviceGroups.Details group) {
        return new Item(group.group().id(), 0, 0, group.name());
    }
}
