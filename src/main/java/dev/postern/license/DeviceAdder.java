package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Adds devices to an account: claims them, writes them, and retries those that other calls added or deleted at the same
 * time. This is where to look when a device gets the wrong outcome; {@link DeviceClaims} and {@link DeviceWriter} do
 * the individual steps.
 */
final class DeviceAdder {
    /** How many times to try a device that other calls add or delete at the same time. */
    private static final int ATTEMPTS = 4;

    private final DeviceClaims claims;
    private final DeviceWriter writer;

    DeviceAdder(DeviceClaims claims, DeviceWriter writer) {
        this.claims = claims;
        this.writer = writer;
    }

    /**
     * Adds devices, and returns the outcome of each in the same order. The list may contain an ID more than once.
     *
     * @param mark       identifies this call; the same when the call is repeated
     * @param seating    how they get seats
     */
    Mono<List<AddDeviceOutcome>> add(AccountId account, List<NewDevice> devices, String mark, Seating seating) {
        // Outside of defer: another subscription must not reuse the marks of an earlier one.
        AtomicInteger tries = new AtomicInteger();
        return Mono.defer(() -> {
            List<AddDeviceOutcome> outcomes = new ArrayList<>(
                    Collections.nCopies(devices.size(), AddDeviceOutcome.BUSY));
            return Mono.just(IntStream.range(0, devices.size()).boxed().toList())
                    .expand(left -> left.isEmpty()
                            ? Mono.empty()
                            : addEachOnce(new AddAttempt(account, mark, tries, seating), devices, left, outcomes))
                    .then(Mono.just(outcomes));
        });
    }

    /**
     * Adds the device of the first entry for each ID.
     *
     * @return the indexes of entries to try next: they repeat an ID whose first entry was refused because of its
     *         project or user
     */
    private Mono<List<Integer>> addEachOnce(AddAttempt attempt, List<NewDevice> devices, List<Integer> places,
            List<AddDeviceOutcome> outcomes) {
        Map<DeviceId, NewDevice> each = new LinkedHashMap<>();
        Set<Integer> repeated = new LinkedHashSet<>();
        for (int place : places) {
            if (each.putIfAbsent(devices.get(place).id(), devices.get(place)) != null) {
                repeated.add(place);
            }
        }
        return add(attempt, List.copyOf(each.values()), ATTEMPTS).map(found -> {
            for (int place : places) {
                AddDeviceOutcome outcome = found.getOrDefault(devices.get(place).id(), AddDeviceOutcome.BUSY);
                outcomes.set(place, repeated.contains(place) && outcome == AddDeviceOutcome.ADDED
                        ? AddDeviceOutcome.ALREADY_THERE
                        : outcome);
            }
            return repeated.stream().filter(place -> isForItsGroup(outcomes.get(place))).toList();
        });
    }

    /** Whether the device could have been added with another project or user, or without one. */
    private static boolean isForItsGroup(AddDeviceOutcome outcome) {
        return outcome == AddDeviceOutcome.PROJECT_UNKNOWN || outcome == AddDeviceOutcome.PROJECT_FULL
                || outcome == AddDeviceOutcome.USER_UNKNOWN || outcome == AddDeviceOutcome.USER_FULL;
    }

    private Mono<Map<DeviceId, AddDeviceOutcome>> add(AddAttempt attempt, List<NewDevice> devices, int attempts) {
        DeviceOwners.Entry mine = attempt.nextTry();
        Map<DeviceId, AddDeviceOutcome> outcomes = new ConcurrentHashMap<>();
        return claims.claim(attempt, mine, devices, outcomes)
                .flatMap(claimed -> claims.reserve(mine, claimed, outcomes, attempts == ATTEMPTS))
                .flatMap(reserved -> attempt.isTogether() && outcomes.containsValue(AddDeviceOutcome.HELD_BY_ANOTHER)
                        ? claims.giveBack(mine, reserved, outcomes)
                        : Mono.just(reserved))
                .flatMapMany(reserved -> write(attempt, mine,
                        // In one batch, so that the script gives seats to all of these devices or to none.
                        attempt.isTogether() && !reserved.isEmpty()
                                ? List.of(reserved)
                                : DeviceWriter.batches(reserved)))
                .doOnNext(outcomes::putAll)
                .then(Mono.defer(() -> {
                    // Calls of this account or of another one interfered.
                    List<NewDevice> open = devices.stream().filter(device -> !outcomes.containsKey(device.id()))
                            .toList();
                    return open.isEmpty() || attempts <= 1
                            ? Mono.just(outcomes)
                            : add(attempt, open, attempts - 1).map(again -> {
                                outcomes.putAll(again);
                                return outcomes;
                            });
                }));
    }

    /**
     * Writes the batches in order, because devices get seats in the order in which they are written. One connection
     * keeps the commands in order. The first batch is written alone: if Redis does not know the script yet, each
     * command is repeated with the script's text, and commands that were sent together would be repeated in any order.
     */
    private Flux<Map<DeviceId, AddDeviceOutcome>> write(AddAttempt attempt, DeviceOwners.Entry mine,
            List<List<ClaimedDevice>> batches) {
        return Flux.fromIterable(batches).take(1).concatMap(batch -> writer.write(attempt, mine, batch))
                .concatWith(Flux.fromIterable(batches).skip(1).flatMapSequential(
                        batch -> writer.write(attempt, mine, batch), DeviceWriter.BATCHES_AT_ONCE));
    }
}
