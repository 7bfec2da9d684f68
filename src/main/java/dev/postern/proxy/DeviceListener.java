package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;

/**
 * Is told what replies of backends say of the devices of an account, at most once for each call. Told on an event loop, with
 * the reply waiting: must not block.
 */
public interface DeviceListener {
    /** The account has this device now. */
    void registered(AccountId account, DeviceId device);

    /** The account has this device no more. */
    void removed(AccountId account, DeviceId device);
}
