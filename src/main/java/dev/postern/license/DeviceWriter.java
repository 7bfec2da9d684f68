package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.DeviceGroups;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes claimed devices into their account. {@link #batches} splits them so that each script runs only briefly;
 * devices that must get their seats together are written in one batch. A device whose claim was lost meanwhile is not
 * written.
 */
final class DeviceWriter {
    /** The number of devices that a script handles before other commands get their turn. */
    static final int BATCH = 250;
    static final int BATCHES_AT_ONCE = 4;
    /** How many projects and users a batch may touch: each can have thousands of devices, and the script goes through
     * all their IDs. */
    private static final int BATCH_GROUPS = 4;
    private static final int AT_ONCE = 16;

    private final RedisStore redis;
    private final DeviceOwners owners;
    private final Shares shares;
    private final LicenseSettings settings;
    private final LicenseScript add;

    DeviceWriter(RedisStore redis, DeviceOwners owners, Shares shares, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.owners = owners;
        this.shares = shares;
        this.settings = settings;
        this.add = new LicenseScript("add-devices.lua", redis, clock, settings);
    }

    /**
     * Splits devices into batches with few enough devices, projects and users that the script for each runs only
     * briefly.
     */
    static List<List<ClaimedDevice>> batches(List<ClaimedDevice> devices) {
        List<List<ClaimedDevice>> batches = new ArrayList<>();
        List<ClaimedDevice> batch = new ArrayList<>();
        Set<DeviceGroup> groups = new HashSet<>();
        for (ClaimedDevice claimed : devices) {
            Set<DeviceGroup> with = new HashSet<>(groups);
            claimed.device().project().ifPresent(id -> with.add(new DeviceGroup(DeviceGroup.Kind.PROJECT, id)));
            claimed.device().user().ifPresent(id -> with.add(new DeviceGroup(DeviceGroup.Kind.USER, id)));
            if (batch.size() >= BATCH || (!batch.isEmpty() && with.size() > BATCH_GROUPS)) {
                batches.add(batch);
                batch = new ArrayList<>();
                with.removeAll(groups);
                groups.clear();
            }
            batch.add(claimed);
            groups.addAll(with);
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /** Writes a batch. A device that is missing from the result has lost its claim. */
    Mono<Map<DeviceId, AddDeviceOutcome>> write(AddAttempt attempt, DeviceOwners.Entry mine,
            List<ClaimedDevice> batch) {
        return runScript(attempt, mine, batch).flatMap(outcomes -> {
            List<ClaimedDevice> ending = batch.stream()
                    .filter(claimed -> outcomes.get(claimed.id()) == AddDeviceOutcome.BUSY).toList();
            return ending.isEmpty()
                    ? Mono.just(outcomes)
                    : Flux.fromIterable(ending)
                            .concatMap(claimed -> shares.receivers(attempt.account(), claimed.id())
                                    .flatMap(left -> shares.end(attempt.account(), claimed.id(), left)))
                            .then(runScript(attempt, mine, ending))
                            .map(again -> {
                                outcomes.keySet().removeAll(ending.stream()
                                        .map(claimed -> claimed.id()).toList());
                                outcomes.putAll(again);
                                return outcomes;
                            });
        }).flatMap(outcomes -> Flux.fromIterable(outcomes.entrySet())
                .filter(entry -> isRefusal(entry.getValue()))
                .flatMap(entry -> owners.release(entry.getKey(), mine), AT_ONCE)
                .then(Mono.just(outcomes)));
    }

    /** Whether the device was refused, so that its claim must be released. */
    private static boolean isRefusal(AddDeviceOutcome outcome) {
        return switch (outcome) {
            case ADDED, ALREADY_THERE, BUSY -> false;
            case HELD_BY_ANOTHER, TOO_MANY, PROJECT_UNKNOWN, USER_UNKNOWN, PROJECT_FULL, USER_FULL, NO_SEAT,
                    ACCOUNT_GONE ->
                true;
        };
    }

    private Mono<Map<DeviceId, AddDeviceOutcome>> runScript(AddAttempt attempt, DeviceOwners.Entry mine,
            List<ClaimedDevice> batch) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(settings.maxDevices()),
                Integer.toString(DeviceGroups.MAX_DEVICES), mine.mark(), attempt.seating().word()));
        for (ClaimedDevice claimed : batch) {
            NewDevice device = claimed.device();
            arguments.addAll(List.of(device.id().value(), device.title(), device.project().orElse(""),
                    device.user().orElse(""), claimed.claim()));
        }
        boolean grouped = batch.stream()
                .anyMatch(claimed -> claimed.device().project().isPresent() || claimed.device().user().isPresent());
        Mono<List<String>> adding = add.list(attempt.account(), arguments);
        return (grouped ? redis.changes().changing(adding, groups(attempt.account())) : adding).map(reply -> {
            Map<DeviceId, AddDeviceOutcome> outcomes = new HashMap<>();
            for (int i = 0; i < batch.size(); i++) {
                DeviceId device = batch.get(i).id();
                AddDeviceOutcome.ofReply(reply.get(i)).ifPresent(outcome -> outcomes.put(device, outcome));
            }
            return outcomes;
        });
    }

    /** The keys of an account's projects and users, which list its devices. */
    static String[] groups(AccountId account) {
        return new String[]{DeviceGroups.key(account, DeviceGroup.Kind.PROJECT),
                DeviceGroups.key(account, DeviceGroup.Kind.USER)};
    }
}
