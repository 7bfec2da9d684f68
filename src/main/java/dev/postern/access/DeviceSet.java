package dev.postern.access;

import java.util.Set;

/** Which devices a rule covers. */
public sealed interface DeviceSet {
    /** Every device of the account, and the operations that name no device. */
    record AllOfAccount() implements DeviceSet {}

    /** These devices only; the empty set permits nothing. */
    record Only(Set<DeviceId> devices) implements DeviceSet {
        public Only {
            devices = Set.copyOf(devices);
        }
    }

    /** The devices that these projects or users have at the time of the call; none for a deleted project or user. */
    record Of(Set<DeviceGroup> groups) implements DeviceSet {
        public Of {
            groups = Set.copyOf(groups);
        }
    }
}
