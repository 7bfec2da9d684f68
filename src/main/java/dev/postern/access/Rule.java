package dev.postern.access;

import java.util.Set;

/**
 * One permission: these actions in these APIs on these streams of these devices. If any of them is empty, it permits
 * nothing.
 */
public record Rule(ApiSet apis, Set<Action> actions, DeviceSet devices, StreamSet streams) {
    public Rule {
        actions = Set.copyOf(actions);
    }
}
