package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.RedisStore;
import io.lettuce.core.ScanArgs;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Deletes devices from an account, with their shares and seats. All steps may be repeated, so the next call completes a
 * deletion that was interrupted.
 */
final class DeviceRemover {
    private static final int AT_ONCE = 16;

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
     * back.
     *
     * @return false when the account has no such device
     */
    Mono<Boolean> delete(AccountId account, DeviceId device) {
        return changes.changingLicense(account, redis.changes().changing(remove.list(account, List.of(device.value())),
                DeviceWriter.groups(account))).flatMap(reply -> {
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

    /** Deletes all device records of an account that is being deleted. */
    Mono<Void> deleteAll(AccountId account) {
        return devicesOf(LicenseKeys.details(account), device -> delete(account, device))
                .then(devicesOf(LicenseKeys.shares(account), device -> delete(account, device)))
                .then(devicesOf(LicenseKeys.received(account), device -> delete(account, device)))
                .then(changes.changingLicense(account,
                        redis.run(commands -> commands.unlink(LicenseKeys.license(account),
                                LicenseKeys.devices(account), LicenseKeys.details(account), LicenseKeys.ledger(account),
                                LicenseKeys.seatDays(account), LicenseKeys.received(account),
                                LicenseKeys.shares(account),
                                LicenseKeys.extensions(account), LicenseKeys.claims(account)))))
                .then();
    }

    private Mono<Void> devicesOf(String key, Function<DeviceId, Mono<Boolean>> action) {
        // The action removes the fields while the scan runs, so the first ones are always new.
        return redis.run(commands -> commands.hscan(key, ScanArgs.Builder.limit(500)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(500))))
                .concatMap(cursor -> Flux.fromIterable(cursor.getMap().keySet())
                        .flatMap(id -> action.apply(new DeviceId(id)), AT_ONCE).then())
                .then();
    }
}
