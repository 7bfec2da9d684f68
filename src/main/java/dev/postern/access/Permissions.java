package dev.postern.access;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of one credential, indexed by device, so that a decision costs the same with one device and with a million.
 * Immutable. What no rule covers is not permitted.
 */
public final class Permissions {
    private static final EnumMap<Action, StreamSet> NO_GRANT = new EnumMap<>(Action.class);

    private static final StreamSet NO_STREAMS = new StreamSet.Only(Set.of());

    private final Map<DeviceId, EnumMap<Action, StreamSet>> byDevice;
    private final EnumMap<Action, StreamSet> accountWide;
    private final boolean coversAccount;

    private Permissions(List<Rule> rules) {
        Map<DeviceId, EnumMap<Action, StreamSet>> devices = new HashMap<>();
        EnumMap<Action, StreamSet> account = new EnumMap<>(Action.class);
        boolean anyAccountRule = false;
        for (Rule rule : rules) {
            switch (rule.devices()) {
                case DeviceSet.AllOfAccount() -> {
                    anyAccountRule = true;
                    add(account, rule);
                }
                case DeviceSet.Only(var only) -> {
                    for (DeviceId device : only) {
                        add(devices.computeIfAbsent(device, _ -> new EnumMap<>(Action.class)), rule);
                    }
                }
            }
        }
        this.byDevice = devices;
        this.accountWide = account;
        this.coversAccount = anyAccountRule;
    }

    public static Permissions of(List<Rule> rules) {
        return new Permissions(rules);
    }

    /** Everything in the account. */
    public static Permissions everything() {
        return of(List.of(new Rule(EnumSet.allOf(Action.class), new DeviceSet.AllOfAccount(),
                new StreamSet.WholeDevice())));
    }

    /** Whether any rule names this device, whatever the action. */
    boolean covers(DeviceId device) {
        return coversAccount || byDevice.containsKey(device);
    }

    /** The streams of the device on which the action is permitted; none when it is not at all. */
    StreamSet streams(DeviceId device, Action action) {
        StreamSet all = accountWide.getOrDefault(action, NO_STREAMS);
        StreamSet one = byDevice.getOrDefault(device, NO_GRANT).getOrDefault(action, NO_STREAMS);
        if (all.isEmpty()) {
            return one;
        }
        return one.isEmpty() ? all : all.union(one);
    }

    /** Whether the action is permitted on the account as such, for an operation that names no device. */
    boolean accountWide(Action action) {
        return accountWide.get(action) instanceof StreamSet.WholeDevice;
    }

    boolean coversAccount() {
        return coversAccount;
    }

    private static void add(Map<Action, StreamSet> grants, Rule rule) {
        for (Action action : rule.actions()) {
            grants.merge(action, rule.streams(), StreamSet::union);
        }
    }
}
