package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.AccountPart;
import dev.postern.account.DeviceGroups;
import dev.postern.store.RedisStore;
import io.lettuce.core.ScanArgs;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The devices of accounts. A device belongs to one account directly, and to any number as shared. An account's devices are in
 * its slot, and to whom a device belongs is in another; {@link DeviceOwners} says how the two are kept together.
 */
public final class Devices implements AccountPart {
    /** As many as a script adds before others get their turn. */
    private static final int BATCH = 250;
    /** Each may have thousands of devices, whose names the script goes through. */
    private static final int BATCH_GROUPS = 4;
    private static final int BATCHES_AT_ONCE = 4;
    private static final int AT_ONCE = 16;
    /** A device that others add or delete meanwhile is tried again so often. */
    private static final int ATTEMPTS = 4;

    private final RedisStore redis;
    private final LicenseSettings settings;
    private final DeviceOwners owners;
    private final Shares shares;
    private final LicenseWatch watch;
    private final LicenseScript claim;
    private final LicenseScript giveWay;
    private final LicenseScript add;
    private final LicenseScript remove;
    private final Registrations registrations = new Registrations();

    public Devices(RedisStore redis, Shares shares, LicenseSettings settings, LicenseWatch watch, Clock clock) {
        this.redis = redis;
        this.settings = settings;
        this.owners = new DeviceOwners(redis);
        this.shares = shares;
        this.watch = watch;
        this.claim = new LicenseScript("claim-devices.lua", redis, clock, settings);
        this.giveWay = new LicenseScript("yield-device.lua", redis, clock, settings);
        this.add = new LicenseScript("add-devices.lua", redis, clock, settings);
        this.remove = new LicenseScript("remove-device.lua", redis, clock, settings);
    }

    /** Adds a device. Not an error when it cannot be. */
    public Mono<Addition> add(AccountId account, NewDevice device) {
        return add(account, List.of(device), newMark()).map(List::getFirst);
    }

    /**
     * Adds many, each for itself: what became of each, in their order. May be repeated with the same mark after an outage, and
     * then says of those that were added before that they were.
     *
     * @param mark names this attempt, from {@link #newMark}
     */
    public Mono<List<Addition>> add(AccountId account, List<NewDevice> devices, String mark) {
        return add(account, devices, mark, false).doOnTerminate(() -> watch.touched(account));
    }

    /** A mark that no other attempt has. */
    public static String newMark() {
        return Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    }

    private Mono<List<Addition>> add(AccountId account, List<NewDevice> devices, String mark, boolean onlySeated) {
        // Counted on when the same is subscribed to again.
        AtomicInteger tries = new AtomicInteger();
        return Mono.defer(() -> {
            List<Addition> outcomes = new ArrayList<>(Collections.nCopies(devices.size(), Addition.BUSY));
            return Mono.just(IntStream.range(0, devices.size()).boxed().toList())
                    .expand(left -> left.isEmpty()
                            ? Mono.empty()
                            : addEachOnce(new Attempt(account, mark, tries, onlySeated), devices, left, outcomes))
                    .then(Mono.just(outcomes));
        });
    }

    /** Adds the first of each id. What is left are later ones of ids of which the first cannot be added as it is. */
    private Mono<List<Integer>> addEachOnce(Attempt attempt, List<NewDevice> devices, List<Integer> places,
            List<Addition> outcomes) {
        Map<DeviceId, NewDevice> each = new LinkedHashMap<>();
        Set<Integer> repeated = new LinkedHashSet<>();
        for (int place : places) {
            if (each.putIfAbsent(devices.get(place).id(), devices.get(place)) != null) {
                repeated.add(place);
            }
        }
        return add(attempt, List.copyOf(each.values()), ATTEMPTS).map(found -> {
            for (int place : places) {
                Addition outcome = found.getOrDefault(devices.get(place).id(), Addition.BUSY);
                outcomes.set(place, repeated.contains(place) && outcome == Addition.ADDED
                        ? Addition.ALREADY_THERE
                        : outcome);
            }
            return repeated.stream().filter(place -> isForItsGroup(outcomes.get(place))).toList();
        });
    }

    /** Whether another project or user, or none, would have made a difference. */
    private static boolean isForItsGroup(Addition outcome) {
        return outcome == Addition.PROJECT_UNKNOWN || outcome == Addition.PROJECT_FULL
                || outcome == Addition.USER_UNKNOWN || outcome == Addition.USER_FULL;
    }

    private record Attempt(AccountId account, String mark, AtomicInteger tries, boolean onlySeated) {
        /** What no try has put down before. */
        DeviceOwners.Entry nextTry() {
            int number = tries.getAndIncrement();
            return new DeviceOwners.Entry(account, number == 0 ? mark : mark + "." + number);
        }
    }

    /** A device that the account has a claim to. */
    private record Claimed(NewDevice device, String claim) {}

    private Mono<Map<DeviceId, Addition>> add(Attempt attempt, List<NewDevice> devices, int attempts) {
        DeviceOwners.Entry mine = attempt.nextTry();
        Map<DeviceId, Addition> outcomes = new ConcurrentHashMap<>();
        return claim(attempt, mine, devices, outcomes)
                .flatMap(claimed -> reserve(mine, claimed, outcomes, attempts == ATTEMPTS))
                .flatMap(reserved -> attempt.onlySeated() && outcomes.containsValue(Addition.HELD_BY_ANOTHER)
                        ? giveBack(mine, reserved, outcomes)
                        : Mono.just(reserved))
                .flatMapMany(reserved -> Flux.fromIterable(
                        // Those of one call are added together or not at all.
                        attempt.onlySeated() && !reserved.isEmpty() ? List.of(reserved) : batches(reserved)))
                // One connection keeps the commands in their order, and with them the order of the seats.
                .flatMapSequential(batch -> addBatch(attempt, mine, batch).doOnNext(outcomes::putAll),
                        BATCHES_AT_ONCE)
                .then(Mono.defer(() -> {
                    // Others came between, of this account or another.
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

    /** Those that are not there yet. */
    private Mono<List<Claimed>> claim(Attempt attempt, DeviceOwners.Entry mine, List<NewDevice> devices,
            Map<DeviceId, Addition> outcomes) {
        return Flux.fromIterable(devices).buffer(BATCH).flatMapSequential(batch -> {
            List<String> arguments = new ArrayList<>(List.of(attempt.mark(), mine.mark()));
            batch.forEach(device -> arguments.add(device.id().value()));
            return claim.list(attempt.account(), arguments).flatMapIterable(replies -> {
                List<Claimed> claimed = new ArrayList<>();
                for (int i = 0; i < batch.size(); i++) {
                    String reply = replies.get(i);
                    if (reply.startsWith("=")) {
                        claimed.add(new Claimed(batch.get(i), reply.substring(1)));
                    } else {
                        addition(reply).ifPresent(put(outcomes, batch.get(i).id()));
                    }
                }
                return claimed;
            });
        }, BATCHES_AT_ONCE).collectList();
    }

    /** When others of the devices that are added together or not at all are not the account's. */
    private Mono<List<Claimed>> giveBack(DeviceOwners.Entry mine, List<Claimed> devices,
            Map<DeviceId, Addition> outcomes) {
        return Flux.fromIterable(devices).map(claimed -> claimed.device().id())
                // Another call of the account may have added it meanwhile: then the account goes on to stand for it.
                .flatMap(device -> giveWay.number(mine.account(), List.of(device.value()))
                        .flatMap(yielded -> yielded == 1 ? owners.release(device, mine) : Mono.just(false))
                        .doOnNext(_ -> outcomes.put(device, Addition.NO_SEAT)), AT_ONCE)
                .then(Mono.just(List.of()));
    }

    private static Consumer<Addition> put(Map<DeviceId, Addition> outcomes, DeviceId device) {
        return outcome -> outcomes.put(device, outcome);
    }

    /** Those for which the account stands now; of those that another has, no claim is left. */
    private Mono<List<Claimed>> reserve(DeviceOwners.Entry mine, List<Claimed> devices,
            Map<DeviceId, Addition> outcomes, boolean mayTakeOver) {
        return owners.reserve(mine, devices.stream().map(claimed -> claimed.device().id()).toList())
                .flatMap(others -> Flux.fromIterable(devices).flatMapSequential(claimed -> {
                    DeviceOwners.Entry other = others.get(claimed.device().id());
                    if (other == null) {
                        return Mono.just(claimed);
                    }
                    DeviceId device = claimed.device().id();
                    return (mayTakeOver ? takeOver(device, other, mine) : Mono.just(Optional.of(false)))
                            .flatMap(done -> {
                                if (done.orElse(false)) {
                                    return Mono.just(claimed);
                                }
                                if (done.isPresent()) {
                                    outcomes.put(device, Addition.HELD_BY_ANOTHER);
                                }
                                return redis.run(commands -> commands.hdel(LicenseKeys.claims(mine.account()),
                                        device.value())).then(Mono.<Claimed>empty());
                            });
                }, AT_ONCE).collectList());
    }

    /**
     * Puts an account in the place of one that does not have the device any more, or not yet. False when that one has it, empty
     * when it changed something meanwhile.
     */
    private Mono<Optional<Boolean>> takeOver(DeviceId device, DeviceOwners.Entry from, DeviceOwners.Entry to) {
        return giveWay.number(from.account(), List.of(device.value())).flatMap(yielded -> yielded == 0
                ? Mono.just(Optional.of(false))
                : shares.receivers(from.account(), device)
                        .flatMap(left -> shares.end(from.account(), device, left))
                        .then(owners.replace(device, from, to))
                        .map(replaced -> replaced ? Optional.of(true) : Optional.<Boolean>empty()));
    }

    /** So many of them, with so few projects and users, that a script of each does not take long. */
    private static List<List<Claimed>> batches(List<Claimed> devices) {
        List<List<Claimed>> batches = new ArrayList<>();
        List<Claimed> batch = new ArrayList<>();
        Set<DeviceGroup> groups = new HashSet<>();
        for (Claimed claimed : devices) {
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

    /** Of those that are missing in the reply the claim was lost. */
    private Mono<Map<DeviceId, Addition>> addBatch(Attempt attempt, DeviceOwners.Entry mine, List<Claimed> batch) {
        return runAdd(attempt, mine, batch).flatMap(outcomes -> {
            List<Claimed> ending = batch.stream()
                    .filter(claimed -> outcomes.get(claimed.device().id()) == Addition.BUSY).toList();
            return ending.isEmpty()
                    ? Mono.just(outcomes)
                    : Flux.fromIterable(ending)
                            .concatMap(claimed -> shares.receivers(attempt.account(), claimed.device().id())
                                    .flatMap(left -> shares.end(attempt.account(), claimed.device().id(), left)))
                            .then(runAdd(attempt, mine, ending))
                            .map(again -> {
                                outcomes.keySet().removeAll(ending.stream()
                                        .map(claimed -> claimed.device().id()).toList());
                                outcomes.putAll(again);
                                return outcomes;
                            });
        }).flatMap(outcomes -> Flux.fromIterable(outcomes.entrySet())
                .filter(entry -> isRefusal(entry.getValue()))
                .flatMap(entry -> owners.release(entry.getKey(), mine), AT_ONCE)
                .then(Mono.just(outcomes)));
    }

    /** Nothing was added, and the claim has ended. */
    private static boolean isRefusal(Addition outcome) {
        return switch (outcome) {
            case ADDED, ALREADY_THERE, BUSY -> false;
            case HELD_BY_ANOTHER, TOO_MANY, PROJECT_UNKNOWN, USER_UNKNOWN, PROJECT_FULL, USER_FULL, NO_SEAT,
                    ACCOUNT_GONE ->
                true;
        };
    }

    private Mono<Map<DeviceId, Addition>> runAdd(Attempt attempt, DeviceOwners.Entry mine, List<Claimed> batch) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(settings.maxDevices()),
                Integer.toString(DeviceGroups.MAX_DEVICES), mine.mark(), attempt.onlySeated() ? "1" : "0"));
        for (Claimed claimed : batch) {
            NewDevice device = claimed.device();
            arguments.addAll(List.of(device.id().value(), device.title(), device.project().orElse(""),
                    device.user().orElse(""), claimed.claim()));
        }
        boolean grouped = batch.stream()
                .anyMatch(claimed -> claimed.device().project().isPresent() || claimed.device().user().isPresent());
        Mono<List<String>> adding = add.list(attempt.account(), arguments);
        return (grouped ? redis.changes().changing(adding, groups(attempt.account())) : adding).map(reply -> {
            Map<DeviceId, Addition> outcomes = new HashMap<>();
            for (int i = 0; i < batch.size(); i++) {
                addition(reply.get(i)).ifPresent(put(outcomes, batch.get(i).device().id()));
            }
            return outcomes;
        });
    }

    /** Where the projects and users of an account stand, which list its devices. */
    private static String[] groups(AccountId account) {
        return new String[]{DeviceGroups.key(account, DeviceGroup.Kind.PROJECT),
                DeviceGroups.key(account, DeviceGroup.Kind.USER)};
    }

    /** Empty when the claim was lost. */
    private static Optional<Addition> addition(String word) {
        return switch (word) {
            case "added" -> Optional.of(Addition.ADDED);
            case "there" -> Optional.of(Addition.ALREADY_THERE);
            case "many" -> Optional.of(Addition.TOO_MANY);
            case "no-project" -> Optional.of(Addition.PROJECT_UNKNOWN);
            case "no-user" -> Optional.of(Addition.USER_UNKNOWN);
            case "full-project" -> Optional.of(Addition.PROJECT_FULL);
            case "full-user" -> Optional.of(Addition.USER_FULL);
            case "no-seat" -> Optional.of(Addition.NO_SEAT);
            case "no-account" -> Optional.of(Addition.ACCOUNT_GONE);
            case "ending" -> Optional.of(Addition.BUSY);
            case "lost" -> Optional.empty();
            default -> throw new IllegalStateException("the script answered " + word);
        };
    }

    /** Registers what the first call of a device names; why not, if not. */
    Mono<Optional<AccessDecision.Denied>> enroll(AccountId account, List<DeviceId> devices) {
        return add(account, devices.stream().map(NewDevice::untitled).toList(), newMark(), true).map(outcomes -> {
            watch.touched(account);
            int foreign = outcomes.indexOf(Addition.HELD_BY_ANOTHER);
            if (foreign >= 0) {
                return Optional.of(notTheAccounts(devices.get(foreign)));
            }
            for (int i = 0; i < devices.size(); i++) {
                switch (outcomes.get(i)) {
                    case ADDED, ALREADY_THERE, BUSY -> {
                    }
                    case NO_SEAT, TOO_MANY -> {
                        return Optional.of(LicensePolicy.overQuota(devices.get(i)));
                    }
                    case HELD_BY_ANOTHER, PROJECT_UNKNOWN, USER_UNKNOWN, PROJECT_FULL, USER_FULL, ACCOUNT_GONE -> {
                        return Optional.of(notTheAccounts(devices.get(i)));
                    }
                }
            }
            return Optional.empty();
        });
    }

    private static AccessDecision.Denied notTheAccounts(DeviceId device) {
        return new AccessDecision.Denied(DenyReason.DEVICE_UNKNOWN, "Device " + device + " is not the account's.");
    }

    /** Deletes a device, which ends its shares and frees its seat; one of another account is given back. False without one. */
    public Mono<Boolean> delete(AccountId account, DeviceId device) {
        return forgetting(account, redis.changes().changing(remove.list(account, List.of(device.value())),
                groups(account))).flatMap(reply -> {
                    boolean removed = reply.getFirst().equals("removed");
                    if (!removed && reply.get(2).isEmpty()) {
                        return shares.giveBack(account, device);
                    }
                    return shares.end(account, device, Shares.accounts(reply.get(2)))
                            .then(removed
                                    ? owners.release(device, new DeviceOwners.Entry(account, reply.get(1)))
                                    : Mono.just(false))
                            .thenReturn(true);
                });
    }

    /** Ends all that gates remember of an account as soon as a change of it is made, at this one before anybody is told. */
    <T> Mono<T> forgetting(AccountId account, Mono<T> change) {
        return redis.changes().changing(change, LicenseKeys.license(account))
                .doOnTerminate(() -> watch.touched(account));
    }

    /** Something of the account's license has changed. */
    void touched(AccountId account) {
        watch.touched(account);
    }

    /** Ends all that this gate remembers of an account. */
    void forget(AccountId account) {
        redis.changes().forget(LicenseKeys.license(account));
        watch.touched(account);
    }

    /** Waits for what this gate has just learnt of these devices from a reply of the backend. */
    Mono<Void> registered(AccountId account, List<DeviceId> devices) {
        return registrations.await(account, devices);
    }

    Registrations registrations() {
        return registrations;
    }

    /** Deletes everything of an account that is being deleted. May be repeated. */
    @Override
    public Mono<Void> delete(AccountId account) {
        return devicesOf(LicenseKeys.details(account), device -> delete(account, device))
                .then(devicesOf(LicenseKeys.shares(account), device -> delete(account, device)))
                .then(devicesOf(LicenseKeys.received(account), device -> delete(account, device)))
                .then(forgetting(account, redis.run(commands -> commands.unlink(LicenseKeys.license(account),
                        LicenseKeys.devices(account), LicenseKeys.details(account), LicenseKeys.ledger(account),
                        LicenseKeys.seatDays(account), LicenseKeys.received(account), LicenseKeys.shares(account),
                        LicenseKeys.extensions(account), LicenseKeys.claims(account)))))
                .then();
    }

    private Mono<Void> devicesOf(String key, Function<DeviceId, Mono<Boolean>> action) {
        // The fields are removed as they are found, so that the first ones are always others.
        return redis.run(commands -> commands.hscan(key, ScanArgs.Builder.limit(500)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(500))))
                .concatMap(cursor -> Flux.fromIterable(cursor.getMap().keySet())
                        .flatMap(id -> action.apply(new DeviceId(id)), AT_ONCE).then())
                .then();
    }
}
