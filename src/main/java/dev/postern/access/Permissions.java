package dev.postern.access;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The rules of one credential, indexed by device, so that a decision costs the same for one device as for a million.
 * Immutable. Anything that no rule covers is denied.
 */
public final class Permissions {
    private static final EnumMap<Action, StreamSet> NO_PERMISSION = new EnumMap<>(Action.class);

    private static final StreamSet NO_STREAMS = new StreamSet.Only(Set.of());

    /** One table for each distinct set of APIs: few, however many devices the rules name. */
    private final List<Table> tables;

    private Permissions(List<Table> tables) {
        this.tables = List.copyOf(tables);
    }

    /**
     * The permissions from the rules for one set of APIs. Not changed after they have become part of a {@link
     * Permissions}.
     */
    private static final class Table {
        private final ApiSet apis;
        private final Map<DeviceId, EnumMap<Action, StreamSet>> byDevice = new HashMap<>();
        private final EnumMap<Action, StreamSet> accountWide = new EnumMap<>(Action.class);
        private boolean coversAccount;

        Table(ApiSet apis) {
            this.apis = apis;
        }

        void add(Rule rule, Function<DeviceGroup, Set<DeviceId>> devicesOf) {
            switch (rule.devices()) {
                case DeviceSet.AllOfAccount() -> {
                    coversAccount = true;
                    merge(accountWide, rule);
                }
                case DeviceSet.Only(var only) -> addDevices(only, rule);
                case DeviceSet.Of(var groups) -> groups.forEach(group -> addDevices(devicesOf.apply(group), rule));
            }
        }

        private void addDevices(Set<DeviceId> devices, Rule rule) {
            for (DeviceId device : devices) {
                merge(byDevice.computeIfAbsent(device, _ -> new EnumMap<>(Action.class)), rule);
            }
        }

        private static void merge(Map<Action, StreamSet> permitted, Rule rule) {
            for (Action action : rule.actions()) {
                permitted.merge(action, rule.streams(), StreamSet::union);
            }
        }

        boolean covers(DeviceId device) {
            return coversAccount || byDevice.containsKey(device);
        }

        StreamSet streams(DeviceId device, Action action) {
            return united(accountWide.getOrDefault(action, NO_STREAMS),
                    byDevice.getOrDefault(device, NO_PERMISSION).getOrDefault(action, NO_STREAMS));
        }

        Table of(DeviceId device) {
            Table one = new Table(apis);
            if (covers(device)) {
                EnumMap<Action, StreamSet> permitted = new EnumMap<>(Action.class);
                for (Action action : Action.values()) {
                    StreamSet streams = streams(device, action);
                    if (!streams.isEmpty()) {
                        permitted.put(action, streams);
                    }
                }
                one.byDevice.put(device, permitted);
            }
            return one;
        }
    }

    /** Permissions from rules that name devices directly; a rule for a project or user covers nothing here. */
    public static Permissions of(List<Rule> rules) {
        return of(rules, _ -> Set.of());
    }

    /** @param devicesOf finds the devices of a project or user that a rule names; none if it was deleted */
    public static Permissions of(List<Rule> rules, Function<DeviceGroup, Set<DeviceId>> devicesOf) {
        Map<ApiSet, Table> tables = new LinkedHashMap<>();
        for (Rule rule : rules) {
            tables.computeIfAbsent(rule.apis(), Table::new).add(rule, devicesOf);
        }
        return new Permissions(List.copyOf(tables.values()));
    }

    /** Permission for everything in the account. */
    public static Permissions everything() {
        return of(List.of(new Rule(new ApiSet.Every(), EnumSet.allOf(Action.class), new DeviceSet.AllOfAccount(),
                new StreamSet.WholeDevice())));
    }

    /** What these permissions allow on this one device, and nothing for calls that name no device. */
    public Permissions limitedTo(DeviceId device) {
        return new Permissions(tables.stream().map(table -> table.of(device)).toList());
    }

    /**
     * The number of devices named, a measure of memory use. A device counts once for each set of APIs it is named for.
     */
    public long size() {
        long devices = 0;
        for (Table table : tables) {
            devices += table.byDevice.size();
        }
        return devices;
    }

    /** Whether any rule is for this API. True if there are no rules at all: the API is not the problem then. */
    boolean covers(ApiId api) {
        if (tables.isEmpty()) {
            return true;
        }
        for (Table table : tables) {
            if (table.apis.contains(api)) {
                return true;
            }
        }
        return false;
    }

    /** Whether any rule for this API names this device, whatever the action. */
    boolean covers(ApiId api, DeviceId device) {
        for (Table table : tables) {
            if (table.apis.contains(api) && table.covers(device)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The streams of the device on which the action is permitted; none when the action is not permitted on the device.
     */
    StreamSet streams(ApiId api, DeviceId device, Action action) {
        StreamSet permitted = NO_STREAMS;
        for (Table table : tables) {
            if (table.apis.contains(api)) {
                permitted = united(permitted, table.streams(device, action));
            }
        }
        return permitted;
    }

    /** Whether the action is permitted on the account itself, for an operation that names no device. */
    boolean accountWide(ApiId api, Action action) {
        for (Table table : tables) {
            if (table.apis.contains(api) && table.accountWide.get(action) instanceof StreamSet.WholeDevice) {
                return true;
            }
        }
        return false;
    }

    boolean coversAccount(ApiId api) {
        for (Table table : tables) {
            if (table.coversAccount && table.apis.contains(api)) {
                return true;
            }
        }
        return false;
    }

    private static StreamSet united(StreamSet some, StreamSet others) {
        if (some.isEmpty()) {
            return others;
        }
        return others.isEmpty() ? some : some.union(others);
    }
}
