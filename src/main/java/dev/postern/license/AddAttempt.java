package dev.postern.license;

import dev.postern.access.AccountId;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One call that adds devices, with all its tries.
 *
 * @param mark       the same when the caller repeats the call after an outage, so that devices added before are
 *                   recognized
 * @param tries      the number of tries so far
 * @param seating    how the devices get seats
 */
record AddAttempt(AccountId account, String mark, AtomicInteger tries, Seating seating) {
    /** Whether the devices are added only together. */
    boolean isTogether() {
        return seating == Seating.ALL_OR_NONE;
    }

    /** The entry for {@link DeviceOwners} of the next try. No two tries have the same mark. */
    DeviceOwners.Entry nextTry() {
        int number = tries.getAndIncrement();
        return new DeviceOwners.Entry(account, number == 0 ? mark : mark + "." + number);
    }
}
