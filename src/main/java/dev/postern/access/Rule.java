package dev.postern.access;

import java.util.Set;

/** One permission: these actions of these APIs on these streams of these devices. An empty member grants nothing. */
public record Rule(ApiSet apis, Set<Action> actions, DeviceSet devices, StreamSet streams) {
    public Rule {
        actions = Set.copyOf(actions);
    }
}
