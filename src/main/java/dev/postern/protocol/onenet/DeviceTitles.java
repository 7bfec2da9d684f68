package dev.postern.protocol.onenet;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.Collection;
import java.util.Map;
import reactor.core.publisher.Mono;

/** What an account calls its devices; kept by the part of the gate that counts them. */
@FunctionalInterface
public interface DeviceTitles {
    /** Titles of those of the devices that the account has, and that have one. */
    Mono<Map<DeviceId, String>> of(AccountId account, Collection<DeviceId> devices);
}
