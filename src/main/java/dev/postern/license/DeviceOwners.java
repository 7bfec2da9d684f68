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
 * Records which account owns each device, across all accounts. The records are in other slots than the accounts, so
 * adding a device is not a transaction. A call that adds a device claims it in the slot of the account, then records
 * the account as owner here, and adds the device only if the claim still exists. If a call finds another account
 * recorded here that does not have the device, it first deletes that account's claim, and then replaces the owner here
 * if nothing has changed meanwhile: the other call can then no longer add the device, however late it arrives. A record
 * here without a device in the account has no effect, and every device of an account always has a record here.
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

    /** The record of a device: its owner, with a mark that is unique to this record. */
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

    /** Records this entry for the devices that no other account owns; returns the entries of the others. */
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

    /** The entry of a device; empty if there is none. */
    Mono<Entry> find(DeviceId device) {
        return redis.run(commands -> commands.hget(key(device), device.value())).map(Entry::read);
    }

    /** Deletes this entry if it is unchanged. */
    Mono<Boolean> release(DeviceId device, Entry entry) {
        return change(device, entry.toString(), "");
    }

    /** Replaces this entry if it is unchanged. */
    Mono<Boolean> replace(DeviceId device, Entry present, Entry next) {
        return change(device, present.toString(), next.toString());
    }

    private Mono<Boolean> change(DeviceId device, String expected, String replacement) {
        return change.number(redis, new String[]{key(device)}, device.value(), expected, replacement)
                .map(done -> done == 1);
    }
}
