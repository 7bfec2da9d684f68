package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.DeviceGroups;
import dev.postern.store.RedisStore;
import dev.postern.store.SortedSetPages;
import io.lettuce.core.ScoredValue;
import java.time.Clock;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the devices of an account as they are stored, and restores them with their seats. */
public final class RestoredDevices {
    private static final int PAGE = 500;

    private final RedisStore redis;
    private final DeviceList list;
    private final Devices devices;
    private final DeviceOwners owners;
    private final LicenseSettings settings;
    private final LicenseScript change;

    /** Reads files: do not call on an event loop. */
    public RestoredDevices(RedisStore redis, DeviceList list, Devices devices, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.list = list;
        this.devices = devices;
        this.owners = new DeviceOwners(redis);
        this.settings = settings;
        this.change = new LicenseScript("change-device.lua", redis, clock, settings);
    }

    /** Reads the devices that the account owns: first those with a seat, in the order in which they got it. */
    public Flux<Device.Direct> all(AccountId account) {
        return SortedSetPages.read(redis, LicenseKeys.devices(account), PAGE)
                .concatMap(page -> find(account, page.stream().map(ScoredValue::getValue).map(DeviceId::new).toList()),
                        1)
                .concatMapIterable(found -> found);
    }

    /** Those of the devices that the account owns, in the same order. */
    public Mono<List<Device.Direct>> find(AccountId account, List<DeviceId> ids) {
        return list.direct(account, ids);
    }

    /** The number of devices that the account owns. */
    public Mono<Long> count(AccountId account) {
        return redis.run(commands -> commands.zcard(LicenseKeys.devices(account)));
    }

    /** The number of devices that an account may have. */
    public int max() {
        return settings.maxDevices();
    }

    /** Whether the account has a project or user. */
    public Mono<Boolean> has(AccountId account, DeviceGroup group) {
        return redis.run(commands -> commands.hexists(DeviceGroups.key(account, group.kind()), group.id()));
    }

    /** The account that owns a device; empty if none does. */
    public Mono<AccountId> owner(DeviceId device) {
        return owners.find(device).filterWhen(entry -> redis.run(commands -> commands
                .hexists(LicenseKeys.details(entry.account()), device.value()))).map(DeviceOwners.Entry::account);
    }

    /**
     * Adds devices independently of each other, and returns the outcome of each in the same order.
     *
     * @param seated whether each device must get a seat; if not, none gets one, even if some are free
     */
    public Mono<List<AddDeviceOutcome>> add(AccountId account, List<NewDevice> added, boolean seated) {
        return devices.add(account, added, seated ? Seating.REQUIRED : Seating.NONE);
    }

    /**
     * Changes title, project, user and seat of a device. Empty if the device is changed concurrently.
     *
     * @param seated whether it should have a seat
     */
    public Mono<AddDeviceOutcome> change(AccountId account, NewDevice next, boolean seated) {
        String id = next.id().value();
        return redis.run(commands -> commands.hget(LicenseKeys.details(account), id)).flatMap(present -> devices
                .changingLicense(account, redis.changes().changing(change.text(account, List.of(id, present,
                        next.title(), next.project().orElse(""), next.user().orElse(""), seated ? "1" : "0",
                        Integer.toString(DeviceGroups.MAX_DEVICES))), DeviceWriter.groups(account))))
                .flatMap(outcome -> switch (outcome) {
                    case "changed" -> Mono.just(AddDeviceOutcome.ADDED);
                    case "other" -> Mono.empty();
                    default -> Mono.justOrEmpty(AddDeviceOutcome.ofReply(outcome));
                });
    }
}
