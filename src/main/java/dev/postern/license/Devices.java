package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.account.AccountPart;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;

/**
 * The devices of accounts: adds, enrolls and deletes them. A device belongs to one account directly, and may be shared
 * with other accounts. Its record is in the account's slot, and its owner's name in another; {@link DeviceOwners}
 * explains how the two are kept consistent.
 */
public final class Devices implements AccountPart {
    private final DeviceAdder adder;
    private final DeviceRemover remover;
    private final LicenseChanges changes;
    private final PendingRegistrations registrations = new PendingRegistrations();

    public Devices(RedisStore redis, Shares shares, LicenseSettings settings, LicenseWatch watch, Clock clock) {
        DeviceOwners owners = new DeviceOwners(redis);
        this.changes = new LicenseChanges(redis, watch);
        this.adder = new DeviceAdder(new DeviceClaims(redis, owners, shares, settings, clock),
                new DeviceWriter(redis, owners, shares, settings, clock));
        this.remover = new DeviceRemover(redis, owners, shares, changes, settings, clock);
    }

    /** Adds a device. A device that cannot be added is an outcome, not an error. */
    public Mono<AddDeviceOutcome> add(AccountId account, NewDevice device) {
        return add(account, List.of(device), newMark()).map(List::getFirst);
    }

    /**
     * Adds devices independently of each other, and returns the outcome of each in the same order. May be repeated with
     * the same mark after an outage: devices that were added before are reported as added.
     *
     * @param mark identifies this attempt, from {@link #newMark}
     */
    public Mono<List<AddDeviceOutcome>> add(AccountId account, List<NewDevice> devices, String mark) {
        return adder.add(account, devices, mark, Seating.IF_FREE).doOnTerminate(() -> changes.licenseChanged(account));
    }

    /** The same, but {@code seating} says how the devices get seats. */
    Mono<List<AddDeviceOutcome>> add(AccountId account, List<NewDevice> devices, Seating seating) {
        return adder.add(account, devices, newMark(), seating).doOnTerminate(() -> changes.licenseChanged(account));
    }

    /** A mark that no other attempt has. */
    public static String newMark() {
        return Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    }

    /** Registers the devices of a first call. Returns why the call is denied, or empty when all are registered. */
    Mono<Optional<AccessDecision.Denied>> enroll(AccountId account, List<DeviceId> devices) {
        return adder.add(account, devices.stream().map(NewDevice::untitled).toList(), newMark(), Seating.ALL_OR_NONE)
                .map(outcomes -> {
                    changes.licenseChanged(account);
                    int foreign = outcomes.indexOf(AddDeviceOutcome.HELD_BY_ANOTHER);
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
                            case HELD_BY_ANOTHER, PROJECT_UNKNOWN, USER_UNKNOWN, PROJECT_FULL, USER_FULL,
                                    ACCOUNT_GONE -> {
                                return Optional.of(notTheAccounts(devices.get(i)));
                            }
                        }
                    }
                    return Optional.empty();
                });
    }

    private static AccessDecision.Denied notTheAccounts(DeviceId device) {
        return new AccessDecision.Denied(DenyReason.DEVICE_UNKNOWN,
                "Device " + device + " does not belong to the account.");
    }

    /**
     * Deletes a device, removes its shares and frees its seat. A device that is only shared with the account is given
     * back.
     *
     * @return false when the account has no such device
     */
    public Mono<Boolean> delete(AccountId account, DeviceId device) {
        return remover.delete(account, device);
    }

    /** Deletes every device of an account that is being deleted. May be repeated. */
    @Override
    public Mono<Void> delete(AccountId account) {
        return remover.deleteAll(account);
    }

    /** Runs a change of the account's license or devices, and drops the account from the caches of all gates. */
    <T> Mono<T> changingLicense(AccountId account, Mono<T> change) {
        return changes.changingLicense(account, change);
    }

    /** Makes the metrics check the account again, because its license or devices have changed. */
    void licenseChanged(AccountId account) {
        changes.licenseChanged(account);
    }

    /** Drops the account from this gate's caches. */
    void forget(AccountId account) {
        changes.forget(account);
    }

    /** Waits until this gate has carried out the changes of these devices that it learned from replies. */
    Mono<Void> awaitPendingChanges(AccountId account, List<DeviceId> devices) {
        return registrations.await(account, devices);
    }

    PendingRegistrations registrations() {
        return registrations;
    }
}
