package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;

/**
 * Is notified of devices that calls have added to or removed from an account, according to the replies of backends; at
 * most once for each call. Called on an event loop while the reply waits: must not block.
 */
public interface DeviceListener {
    /** The device was added to the account. */
    void registered(AccountId account, DeviceId device);

    /** The device was removed from the account. */
    void removed(AccountId account, DeviceId device);
}
