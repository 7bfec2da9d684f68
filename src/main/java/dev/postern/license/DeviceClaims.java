package dev.postern.license;

import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Claims devices for an account before they are written into it, so that no two accounts add the same device. A claim
 * is an entry in the account's own slot together with one in {@link DeviceOwners}, which is in another slot; {@link
 * DeviceOwners} explains the protocol. A device whose claim was lost to another account must not be written.
 */
final class DeviceClaims {
    private static final int AT_ONCE = 16;

    private final RedisStore redis;
    private final DeviceOwners owners;
    private final Shares shares;
    private final LicenseScript claim;
    private final LicenseScript giveWay;

    DeviceClaims(RedisStore redis, DeviceOwners owners, Shares shares, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.owners = owners;
        this.shares = shares;
        this.claim = new LicenseScript("claim-devices.lua", redis, clock, settings);
        this.giveWay = new LicenseScript("yield-device.lua", redis, clock, settings);
    }

    /** Claims devices in the account's slot, and returns those that the account does not have yet. */
    Mono<List<ClaimedDevice>> claim(AddAttempt attempt, DeviceOwners.Entry mine, List<NewDevice> devices,
            Map<DeviceId, AddDeviceOutcome> outcomes) {
        return Flux.fromIterable(devices).buffer(DeviceWriter.BATCH).flatMapSequential(batch -> {
            List<String> arguments = new ArrayList<>(List.of(attempt.mark(), mine.mark()));
            batch.forEach(device -> arguments.add(device.id().value()));
            return claim.list(attempt.account(), arguments).flatMapIterable(replies -> {
                List<ClaimedDevice> claimed = new ArrayList<>();
                for (int i = 0; i < batch.size(); i++) {
                    String reply = replies.get(i);
                    if (reply.startsWith("=")) {
                        claimed.add(new ClaimedDevice(batch.get(i), reply.substring(1)));
                    } else {
                        DeviceId device = batch.get(i).id();
                        AddDeviceOutcome.ofReply(reply).ifPresent(outcome -> outcomes.put(device, outcome));
                    }
                }
                return claimed;
            });
        }, DeviceWriter.BATCHES_AT_ONCE).collectList();
    }

    /**
     * Releases the claims that {@link #reserve} kept, because another account has one of the devices, which are added
     * together or not at all.
     */
    Mono<List<ClaimedDevice>> giveBack(DeviceOwners.Entry mine, List<ClaimedDevice> devices,
            Map<DeviceId, AddDeviceOutcome> outcomes) {
        return Flux.fromIterable(devices).map(ClaimedDevice::id)
                // Another call of the account may have added it meanwhile; then the account keeps its entry.
                .flatMap(device -> giveWay.number(mine.account(), List.of(device.value()))
                        .flatMap(yielded -> yielded == 1 ? owners.release(device, mine) : Mono.just(false))
                        .doOnNext(_ -> outcomes.put(device, AddDeviceOutcome.NO_SEAT)), AT_ONCE)
                .then(Mono.just(List.of()));
    }

    /**
     * Claims devices in {@link DeviceOwners} too, and returns those that no other account has. Withdraws the claims to
     * the rest.
     */
    Mono<List<ClaimedDevice>> reserve(DeviceOwners.Entry mine, List<ClaimedDevice> devices,
            Map<DeviceId, AddDeviceOutcome> outcomes, boolean mayTakeOver) {
        return owners.reserve(mine, devices.stream().map(ClaimedDevice::id).toList())
                .flatMap(others -> Flux.fromIterable(devices).flatMapSequential(claimed -> {
                    DeviceOwners.Entry other = others.get(claimed.id());
                    if (other == null) {
                        return Mono.just(claimed);
                    }
                    DeviceId device = claimed.id();
                    return (mayTakeOver ? takeOver(device, other, mine) : Mono.just(Optional.of(false)))
                            .flatMap(done -> {
                                if (done.orElse(false)) {
                                    return Mono.just(claimed);
                                }
                                if (done.isPresent()) {
                                    outcomes.put(device, AddDeviceOutcome.HELD_BY_ANOTHER);
                                }
                                return redis.run(commands -> commands.hdel(LicenseKeys.claims(mine.account()),
                                        device.value())).then(Mono.<ClaimedDevice>empty());
                            });
                }, AT_ONCE).collectList());
    }

    /**
     * Replaces the recorded owner, if that account no longer has the device or does not have it yet.
     *
     * @return whether it was replaced: false when that account has the device, empty when it changed something
     *         meanwhile
     */
    private Mono<Optional<Boolean>> takeOver(DeviceId device, DeviceOwners.Entry from, DeviceOwners.Entry to) {
        return giveWay.number(from.account(), List.of(device.value())).flatMap(yielded -> yielded == 0
                ? Mono.just(Optional.of(false))
                : shares.receivers(from.account(), device)
                        .flatMap(left -> shares.end(from.account(), device, left))
                        .then(owners.replace(device, from, to))
                        .map(replaced -> replaced ? Optional.of(true) : Optional.<Boolean>empty()));
    }
}
