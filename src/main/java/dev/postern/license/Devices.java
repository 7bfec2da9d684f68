package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.credential.Accounts;
import dev.postern.credential.DeviceGroups;
import dev.postern.store.RedisStore;
import io.lettuce.core.ScanArgs;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The devices of accounts. A device belongs to one account directly, and to any number as shared. An account's devices are in
 * its slot, and to whom a device belongs is in another; {@link DeviceOwners} says how the two are kept together.
 */
public final class Devices {
    /** As many as a script adds before others get their turn. */
    private static final int BATCH = 250;
    private static final int BATCHES_AT_ONCE = 4;
    private static final int AT_ONCE = 16;

    private final RedisStore redis;
    private final LicenseSettings settings;
    private final DeviceOwners owners;
    private final Shares shares;
    private final SeatMemory memory;
    private final LicenseWatch watch;
    private final LicenseScript add;
    private final LicenseScript remove;
    private final Registrations registrations = new Registrations();

    public Devices(RedisStore redis, Shares shares, LicenseSettings settings, LicenseWatch watch, Clock clock) {
        this.redis = redis;
        this.settings = settings;
        this.owners = new DeviceOwners(redis);
        this.shares = shares;
        this.memory = new SeatMemory(settings.rememberFor(), settings.rememberSize());
        this.watch = watch;
        this.add = new LicenseScript("add-devices.lua", redis, clock, settings);
        this.remove = new LicenseScript("remove-device.lua", redis, clock, settings);
    }

    SeatMemory memory() {
        return memory;
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
        Map<DeviceId, NewDevice> each = new LinkedHashMap<>();
        Set<Integer> repeated = new HashSet<>();
        for (int i = 0; i < devices.size(); i++) {
            if (each.putIfAbsent(devices.get(i).id(), devices.get(i)) != null) {
                repeated.add(i);
            }
        }
        return reserve(account, mark, each.keySet())
                .flatMap(mine -> onlySeated && mine.size() < each.size()
                        ? giveBack(account, mark, mine)
                        : addReserved(account, mark, mine.stream().map(each::get).toList(), onlySeated))
                .map(outcomes -> {
                    List<Addition> inOrder = new ArrayList<>(devices.size());
                    for (int i = 0; i < devices.size(); i++) {
                        Addition outcome = outcomes.getOrDefault(devices.get(i).id(), Addition.HELD_BY_ANOTHER);
                        inOrder.add(repeated.contains(i) && outcome == Addition.ADDED
                                ? Addition.ALREADY_THERE
                                : outcome);
                    }
                    return inOrder;
                });
    }

    /** Those of which the account is the owner now. */
    private Mono<List<DeviceId>> reserve(AccountId account, String mark, Collection<DeviceId> devices) {
        return owners.reserve(account, mark, devices).flatMap(present -> Flux.fromIterable(devices)
                .flatMapSequential(device -> {
                    AccountId owner = present.get(device);
                    return owner == null || owner.equals(account)
                            ? Mono.just(device)
                            : takeOver(device, owner, account, mark).filter(done -> done).map(_ -> device);
                }, AT_ONCE).collectList());
    }

    /** Puts an account in the place of one that does not have the device any more. */
    private Mono<Boolean> takeOver(DeviceId device, AccountId from, AccountId to, String mark) {
        return has(from, device).flatMap(held -> held
                ? Mono.just(false)
                : shares.receivers(from, device).flatMap(left -> shares.end(from, device, left))
                        .then(owners.replace(device, from, to, mark))
                        .flatMap(replaced -> replaced
                                // Whoever was about to add it has done so by now, or will find out that it is not theirs.
                                ? has(from, device).flatMap(added -> added
                                        ? owners.replace(device, to, from, "").thenReturn(false)
                                        : Mono.just(true))
                                : Mono.just(false)));
    }

    private Mono<Boolean> has(AccountId account, DeviceId device) {
        return redis.run(commands -> commands.hexists(LicenseKeys.details(account), device.value()));
    }

    /** Of devices that are added together or not at all, when others of them are not the account's. */
    private Mono<Map<DeviceId, Addition>> giveBack(AccountId account, String mark, List<DeviceId> devices) {
        return Flux.fromIterable(devices).flatMap(device -> owners.release(device, account, mark), AT_ONCE)
                .then(Mono.fromSupplier(
                        () -> devices.stream().collect(Collectors.toMap(device -> device, _ -> Addition.NO_SEAT))));
    }

    private Mono<Map<DeviceId, Addition>> addReserved(AccountId account, String mark, List<NewDevice> devices,
            boolean onlySeated) {
        // Those of one call are added together or not at all.
        return Flux.fromIterable(devices).buffer(onlySeated ? Math.max(1, devices.size()) : BATCH)
                // One connection keeps the commands in their order, and with them the order of the seats.
                .flatMapSequential(batch -> addBatch(account, mark, batch, onlySeated), BATCHES_AT_ONCE)
                .collect(HashMap<DeviceId, Addition>::new, Map::putAll)
                .flatMap(outcomes -> confirm(account, mark, outcomes));
    }

    private Mono<Map<DeviceId, Addition>> addBatch(AccountId account, String mark, List<NewDevice> batch,
            boolean onlySeated) {
        return runAdd(account, mark, batch, onlySeated).flatMap(outcomes -> {
            List<NewDevice> ending = batch.stream().filter(device -> outcomes.get(device.id()) == Addition.BUSY)
                    .toList();
            return ending.isEmpty()
                    ? Mono.just(outcomes)
                    : Flux.fromIterable(ending)
                            .concatMap(device -> shares.receivers(account, device.id())
                                    .flatMap(left -> shares.end(account, device.id(), left)))
                            .then(runAdd(account, mark, ending, onlySeated))
                            .map(again -> {
                                outcomes.putAll(again);
                                return outcomes;
                            });
        });
    }

    private Mono<Map<DeviceId, Addition>> runAdd(AccountId account, String mark, List<NewDevice> batch,
            boolean onlySeated) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(settings.maxDevices()),
                Integer.toString(DeviceGroups.MAX_DEVICES), mark, onlySeated ? "1" : "0"));
        for (NewDevice device : batch) {
            arguments.addAll(List.of(device.id().value(), device.title(), device.project().orElse(""),
                    device.user().orElse("")));
        }
        return add.list(account, arguments).map(reply -> {
            Map<DeviceId, Addition> outcomes = new HashMap<>();
            for (int i = 0; i < batch.size(); i++) {
                outcomes.put(batch.get(i).id(), addition(reply.get(i)));
            }
            return outcomes;
        });
    }

    private static Addition addition(String word) {
        return switch (word) {
            case "added" -> Addition.ADDED;
            case "there" -> Addition.ALREADY_THERE;
            case "many" -> Addition.TOO_MANY;
            case "no-project" -> Addition.PROJECT_UNKNOWN;
            case "no-user" -> Addition.USER_UNKNOWN;
            case "full-project" -> Addition.PROJECT_FULL;
            case "full-user" -> Addition.USER_FULL;
            case "no-seat" -> Addition.NO_SEAT;
            case "no-account" -> Addition.ACCOUNT_GONE;
            case "ending" -> Addition.BUSY;
            default -> throw new IllegalStateException("the script answered " + word);
        };
    }

    /** Looks whether what was added is still the account's, and gives back what was not added. */
    private Mono<Map<DeviceId, Addition>> confirm(AccountId account, String mark, Map<DeviceId, Addition> outcomes) {
        List<DeviceId> added = outcomes.entrySet().stream().filter(entry -> entry.getValue() == Addition.ADDED)
                .map(Map.Entry::getKey).toList();
        List<DeviceId> refused = outcomes.entrySet().stream()
                .filter(entry -> entry.getValue() != Addition.ADDED
                        && entry.getValue() != Addition.ALREADY_THERE)
                .map(Map.Entry::getKey).toList();
        return Flux.fromIterable(refused).flatMap(device -> owners.release(device, account, mark), AT_ONCE)
                .then(owners.confirm(account, mark, added))
                .flatMap(present -> Flux.fromIterable(added)
                        .filter(device -> !account.equals(present.get(device)))
                        .concatMap(device -> remove.list(account, List.of(device.value(), mark)).doOnNext(_ -> {
                            memory.forget(account);
                            outcomes.put(device, Addition.HELD_BY_ANOTHER);
                        }))
                        .then(Mono.just(outcomes)));
    }

    /** Registers all that the first call of some devices names, or nothing and why. */
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
        return remove.list(account, List.of(device.value(), "")).flatMap(reply -> {
            memory.forget(account);
            watch.touched(account);
            boolean removed = reply.getFirst().equals("removed");
            if (!removed && reply.get(2).isEmpty()) {
                return shares.giveBack(account, device);
            }
            return shares.end(account, device, Shares.accounts(reply.get(2)))
                    .then(removed ? owners.release(device, account, reply.get(1)) : Mono.just(false))
                    .thenReturn(true);
        }).doOnError(_ -> memory.forget(account));
    }

    /** Something of the account's license has changed. */
    void touched(AccountId account) {
        watch.touched(account);
    }

    /** Ends all that this gate remembers of an account. */
    void forget(AccountId account) {
        memory.forget(account);
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
    public Mono<Void> deleteAll(AccountId account) {
        return devicesOf(LicenseKeys.details(account), device -> delete(account, device))
                .then(devicesOf(LicenseKeys.shares(account), device -> delete(account, device)))
                .then(devicesOf(LicenseKeys.received(account), device -> delete(account, device)))
                .then(redis.run(commands -> commands.unlink(LicenseKeys.license(account),
                        LicenseKeys.devices(account), LicenseKeys.details(account), LicenseKeys.ledger(account),
                        LicenseKeys.seatDays(account), LicenseKeys.received(account), LicenseKeys.shares(account),
                        LicenseKeys.extensions(account))))
                .then(Mono.fromRunnable(() -> forget(account)));
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
