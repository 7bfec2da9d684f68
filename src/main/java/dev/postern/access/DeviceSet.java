package dev.postern.access;

import java.util.Set;

/** Which devices a rule covers. */
public sealed interface DeviceSet {
    /** Every device of the account, and the operations that name no device. */
    record AllOfAccount() implements DeviceSet {}

    /** These devices only; none of them is no permission at all. */
    record Only(Set<DeviceId> devices) implements DeviceSet {
        public Only {
            devices = Set.copyOf(devices);
        }
    }

    /** The devices of these projects or users, as many as they have at the time; of one that is gone, none. */
    record Of(Set<DeviceGroup> groups) implements DeviceSet {
        public Of {
            groups = Set.copyOf(groups);
        }
    }
}
