package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * To whom each device belongs, over all accounts. Stands in other slots than the accounts do, so that adding a device is no
 * transaction: who adds one puts the account down here before, and looks afterwards whether it still stands here. What stands
 * here without a device in the account counts for nothing.
 */
final class DeviceOwners {
    private static final int BUCKETS = 256;
    private static final int AT_ONCE = 64;

    private final RedisStore redis;
    private final Script own = Script.read("/dev/postern/license/own-devices.lua");
    private final Script change = Script.read("/dev/postern/license/change-owner.lua");

    DeviceOwners(RedisStore redis) {
        this.redis = redis;
    }

    static String key(DeviceId device) {
        return "postern:device-owners:" + Math.floorMod(device.value().hashCode(), BUCKETS);
    }

    /** Puts the account down where nobody stands; whoever stands there now. */
    Mono<Map<DeviceId, AccountId>> reserve(AccountId account, String mark, Collection<DeviceId> devices) {
        return own(account, mark, "0", devices);
    }

    /** The same for devices that the account has by now, with the mark of this attempt. */
    Mono<Map<DeviceId, AccountId>> confirm(AccountId account, String mark, Collection<DeviceId> devices) {
        return own(account, mark, "1", devices);
    }

    private Mono<Map<DeviceId, AccountId>> own(AccountId account, String mark, String has,
            Collection<DeviceId> devices) {
        Map<String, List<DeviceId>> buckets = new HashMap<>();
        devices.forEach(device -> buckets.computeIfAbsent(key(device), _ -> new ArrayList<>()).add(device));
        return Flux.fromIterable(buckets.entrySet())
                .flatMap(bucket -> {
                    List<String> arguments = new ArrayList<>(List.of(account.value(), mark, has));
                    bucket.getValue().forEach(device -> arguments.add(device.value()));
                    return own.list(redis, new String[]{bucket.getKey()}, arguments.toArray(String[]::new))
                            .map(owners -> Map.entry(bucket.getValue(), owners));
                }, AT_ONCE)
                .collect(HashMap<DeviceId, AccountId>::new, (all, bucket) -> {
                    for (int i = 0; i < bucket.getKey().size(); i++) {
                        all.put(bucket.getKey().get(i), new AccountId(bucket.getValue().get(i)));
                    }
                }).map(all -> all);
    }

    /** Takes the account out if it stands here with this mark. */
    Mono<Boolean> release(DeviceId device, AccountId account, String mark) {
        return change(device, account + "|" + mark, "");
    }

    /** Puts another account in the place of this one, whatever its mark. */
    Mono<Boolean> replace(DeviceId device, AccountId present, AccountId next, String mark) {
        return change(device, present + "|", next + "|" + mark);
    }

    private Mono<Boolean> change(DeviceId device, String expected, String replacement) {
        return change.number(redis, new String[]{key(device)}, device.value(), expected, replacement)
                .map(done -> done == 1);
    }
}
