package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.Scripts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * To whom each device belongs, over all accounts. Stands in other slots than the accounts do, so that adding a device is no
 * transaction. Who adds one claims it in the slot of the account, then puts the account down here, and adds it only if the claim
 * is still there. Who finds another account here that has not the device takes away that account's claim, and then puts its own
 * account in the place, if nothing has changed here meanwhile: so the other cannot add it any more, however late it comes. What
 * stands here without a device in the account counts for nothing, and a device of an account always stands here.
 */
final class DeviceOwners {
    private static final int BUCKETS = 256;
    private static final int AT_ONCE = 64;

    private final RedisStore redis;
    private final Script own = Script.read(Scripts.CHUNKS,
            "/dev/postern/license/own-devices.lua");
    private final Script change = Script.read("/dev/postern/license/change-owner.lua");

    DeviceOwners(RedisStore redis) {
        this.redis = redis;
    }

    /** What stands here for a device: an account, with a mark that no other entry ever had. */
    record Entry(AccountId account, String mark) {
        static Entry read(String text) {
            int bar = text.lastIndexOf('|');
            return new Entry(new AccountId(text.substring(0, bar)), text.substring(bar + 1));
        }

        @Override
        public String toString() {
            return account + "|" + mark;
        }
    }

    static String key(DeviceId device) {
        return "postern:device-owners:" + Math.floorMod(device.value().hashCode(), BUCKETS);
    }

    /** Puts this down where there is no other account; those that there are. */
    Mono<Map<DeviceId, Entry>> reserve(Entry mine, Collection<DeviceId> devices) {
        Map<String, List<DeviceId>> buckets = new HashMap<>();
        devices.forEach(device -> buckets.computeIfAbsent(key(device), _ -> new ArrayList<>()).add(device));
        return Flux.fromIterable(buckets.entrySet())
                .flatMap(bucket -> {
                    List<String> arguments = new ArrayList<>(List.of(mine.account().value(), mine.mark()));
                    bucket.getValue().forEach(device -> arguments.add(device.value()));
                    return own.list(redis, new String[]{bucket.getKey()}, arguments.toArray(String[]::new))
                            .map(others -> Map.entry(bucket.getValue(), others));
                }, AT_ONCE)
                .collect(HashMap<DeviceId, Entry>::new, (all, bucket) -> {
                    for (int i = 0; i < bucket.getKey().size(); i++) {
                        if (!bucket.getValue().get(i).isEmpty()) {
                            all.put(bucket.getKey().get(i), Entry.read(bucket.getValue().get(i)));
                        }
                    }
                }).map(all -> all);
    }

    /** Takes this out if it still stands here. */
    Mono<Boolean> release(DeviceId device, Entry entry) {
        return change(device, entry.toString(), "");
    }

    /** Puts another in the place of this, if it still stands here. */
    Mono<Boolean> replace(DeviceId device, Entry present, Entry next) {
        return change(device, present.toString(), next.toString());
    }

    private Mono<Boolean> change(DeviceId device, String expected, String replacement) {
        return change.number(redis, new String[]{key(device)}, device.value(), expected, replacement)
                .map(done -> done == 1);
    }
}
