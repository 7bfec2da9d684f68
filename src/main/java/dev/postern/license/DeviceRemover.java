package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.CallRevision;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.store.RedisStore;
import io.lettuce.core.ScanArgs;
import java.time.Clock;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Deletes devices from an account, with their shares and seats. All steps may be repeated, so the next call completes a
 * deletion that was interrupted.
 */
final class DeviceRemover {
    /** Devices that are removed and announced together. */
    private static final int BATCH = 16;
    private static final int BATCHES_AT_ONCE = 4;
    private static final int ATTEMPTS = 5;

    private final RedisStore redis;
    private final DeviceOwners owners;
    private final Shares shares;
    private final LicenseChanges changes;
    private final LicenseScript remove;

    DeviceRemover(RedisStore redis, DeviceOwners owners, Shares shares, LicenseChanges changes,
            LicenseSettings settings,
            Clock clock) {
        this.redis = redis;
        this.owners = owners;
        this.shares = shares;
        this.changes = changes;
        this.remove = new LicenseScript("remove-device.lua", redis, clock, settings);
    }

    /**
     * Deletes a device, removes its shares and frees its seat. A device that is only shared with the account is given
     * back. The device must be as the caller expects ({@link CallRevision}).
     *
     * @return false when the account has no such device
     */
    Mono<Boolean> delete(AccountId account, DeviceId device) {
        return CallRevision.isExpected().flatMap(expected -> expected
                ? deleteExpected(account, device, ATTEMPTS)
                : delete(account, device, Present.ANY));
    }

    /** The state in which a device must be to be deleted. An empty text matches any state. */
    private record Present(String details, String seat, String received) {
        static final Present ANY = new Present("", "", "");
    }

    private Mono<Boolean> deleteExpected(AccountId account, DeviceId device, int attempts) {
        return present(account, device).flatMap(present -> delete(account, device, present)
                .onErrorResume(ConcurrentChangeException.class, conflict -> attempts > 1
                        ? deleteExpected(account, device, attempts - 1)
                        : Mono.error(conflict)))
                .defaultIfEmpty(false);
    }

    /** Reads a device and checks that it is as the caller expects; empty if the account does not have it. */
    private Mono<Present> present(AccountId account, DeviceId device) {
        return redis.run(commands -> commands.hget(LicenseKeys.details(account), device.value()))
                .flatMap(record -> redis
                        .run(commands -> commands.zscore(LicenseKeys.devices(account), device.value()))
                        .map(seat -> !seat.isInfinite()).defaultIfEmpty(false)
                        .flatMap(seated -> CallRevision
                                .require(DeviceDetails
                                        .revision(DeviceDetails.direct(account, device, record, seated)))
                                .thenReturn(new Present(record, seated ? "seated" : "waiting", ""))))
                .switchIfEmpty(redis.run(commands -> commands.hget(LicenseKeys.received(account), device.value()))
                        .flatMap(record -> CallRevision
                                .require(DeviceDetails.revision(DeviceDetails.shared(account, device, record)))
                                .thenReturn(new Present("", "", record))));
    }

    private Mono<Boolean> delete(AccountId account, DeviceId device, Present present) {
        if (!present.received().isEmpty()) {
            return shares.giveBack(account, device, present.received());
        }
        return announced(account, remove(account, device, present))
                .flatMap(reply -> complete(account, device, present, reply));
    }

    private Mono<List<String>> remove(AccountId account, DeviceId device, Present present) {
        return remove.list(account, List.of(device.value(), present.details(), present.seat()));
    }

    private <T> Mono<T> announced(AccountId account, Mono<T> change) {
        return changes.changingLicense(account, redis.changes().changing(change, DeviceWriter.groups(account)));
    }

    /** Ends the shares of a device whose records were removed, and deletes the record of its owner. */
    private Mono<Boolean> complete(AccountId account, DeviceId device, Present present, List<String> reply) {
        if (reply.getFirst().equals("changed")) {
            return Mono.error(new ConcurrentChangeException());
        }
        boolean removed = reply.getFirst().equals("removed");
        if (!removed && reply.get(2).isEmpty()) {
            return present.details().isEmpty() ? shares.giveBack(account, device, "") : Mono.just(false);
        }
        return shares.end(account, device, Shares.accounts(reply.get(2)))
                .then(removed
                        ? owners.release(device, new DeviceOwners.Entry(account, reply.get(1)))
                        : Mono.just(false))
                .thenReturn(true);
    }

    /** A device whose records were removed, and what the script replied. */
    private record Removed(DeviceId device, List<String> reply) {}

    /**
     * Deletes a few devices at the same time, and announces them together. Not many: another account can add a device
     * as soon as it is removed, so the announcement must follow at once.
     */
    private Mono<Void> deleteTogether(AccountId account, List<String> ids) {
        Mono<List<Removed>> removed = Flux.fromIterable(ids).map(DeviceId::new).flatMap(
                device -> remove(account, device, Present.ANY).map(reply -> new Removed(device, reply))).collectList();
        return announced(account, removed).flatMapIterable(all -> all)
                .flatMap(each -> complete(account, each.device(), Present.ANY, each.reply())).then();
    }

    /** Deletes all device records of an account that is being deleted. */
    Mono<Void> deleteAll(AccountId account) {
        return devicesOf(LicenseKeys.details(account), account).then(devicesOf(LicenseKeys.shares(account), account))
                .then(devicesOf(LicenseKeys.received(account), account))
                .then(changes.changingLicense(account,
                        redis.run(commands -> commands.unlink(LicenseKeys.license(account),
                                LicenseKeys.devices(account), LicenseKeys.details(account), LicenseKeys.ledger(account),
                                LicenseKeys.seatDays(account), LicenseKeys.received(account),
                                LicenseKeys.shares(account),
                                LicenseKeys.extensions(account), LicenseKeys.claims(account),
                                LicenseKeys.journal(account)))))
                .then();
    }

    /** Deletes the devices that are the fields of a hash. */
    private Mono<Void> devicesOf(String key, AccountId account) {
        // The deletion removes fields while the scan runs. HSCAN still returns all fields that were not removed.
        return redis.run(commands -> commands.hscan(key, ScanArgs.Builder.limit(500)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(500))))
                .concatMap(cursor -> Flux.fromIterable(cursor.getMap().keySet()).buffer(BATCH)
                        .flatMap(some -> deleteTogether(account, some), BATCHES_AT_ONCE).then())
                .then();
    }
}
