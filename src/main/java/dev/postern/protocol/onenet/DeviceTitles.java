package dev.postern.protocol.onenet;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.Collection;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Looks up the titles of an account's devices. Implemented by the part of the gate that counts devices. */
@FunctionalInterface
public interface DeviceTitles {
    /** The titles of these devices; devices that the account does not have, or that have no title, are left out. */
    Mono<Map<DeviceId, String>> of(AccountId account, Collection<DeviceId> devices);
}
