package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.store.RedisStore;
import io.lettuce.core.KeyValue;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Shares devices of an account with other accounts. A share is stored with the owner and with the receiver, in two hash
 * slots, so never in one transaction. The owner's part is written first and removed last, so that an incomplete share
 * is found again and removed with the device.
 */
public final class Shares {
    /** The maximum number of accounts that a device can be shared with. */
    private static final int MAX_RECEIVERS = 100;
    /** The maximum number of devices that can be shared with an account. */
    private static final int MAX_RECEIVED = 10_000;

    private final RedisStore redis;
    private final LicenseScript share;
    private final LicenseScript unshare;
    private final LicenseScript receive;
    private final LicenseScript drop;

    public Shares(RedisStore redis, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.share = new LicenseScript("share-device.lua", redis, clock, settings);
        this.unshare = new LicenseScript("unshare-device.lua", redis, clock, settings);
        this.receive = new LicenseScript("receive-share.lua", redis, clock, settings);
        this.drop = new LicenseScript("drop-share.lua", redis, clock, settings);
    }

    /** Shares a device. Fails with {@link ChangeRefusedException} if it cannot be shared, or already is. */
    public Mono<Void> share(AccountId owner, DeviceId device, AccountId with) {
        return share.list(owner, List.of(device.value(), with.value(), Integer.toString(MAX_RECEIVERS)))
                .flatMap(reply -> switch (reply.getFirst()) {
                    case "shared" -> receive(owner, device, with, reply.get(1), true);
                    case "already" -> receive(owner, device, with, reply.get(1), false);
                    case "many" -> refuse(ChangeRefusedException.Why.TOO_MANY,
                            "A device can be shared with at most " + MAX_RECEIVERS + " accounts.");
                    case "not-own" -> refuse(ChangeRefusedException.Why.NOT_AS_IT_IS, "Device " + device
                            + " is itself shared with the account. Only its owner can share it.");
                    default -> refuse(ChangeRefusedException.Why.NOT_FOUND, "There is no device " + device + ".");
                });
    }

    private Mono<Void> receive(AccountId owner, DeviceId device, AccountId with, String title, boolean isNew) {
        return receive.text(with, List.of(device.value(), owner.value(), title, Integer.toString(MAX_RECEIVED)))
                .flatMap(outcome -> switch (outcome) {
                    case "received" -> isShared(owner, device, with).flatMap(still -> still
                            ? Mono.<Void>empty()
                            // The device was deleted while it was being shared.
                            : drop(with, device, owner).then(refuse(ChangeRefusedException.Why.NOT_FOUND,
                                    "There is no device " + device + ".")));
                    case "already" -> isNew
                            ? Mono.<Void>empty()
                            : refuse(ChangeRefusedException.Why.TAKEN,
                                    "Device " + device + " is already shared with account " + with + ".");
                    case "own" -> unshare(owner, device, with).then(refuse(ChangeRefusedException.Why.NOT_AS_IT_IS,
                            "Account " + with + " owns the device " + device + "."));
                    case "many" -> unshare(owner, device, with).then(refuse(ChangeRefusedException.Why.TOO_MANY,
                            "At most " + MAX_RECEIVED + " devices can be shared with an account."));
                    default -> unshare(owner, device, with).then(refuse(ChangeRefusedException.Why.NOT_FOUND,
                            "There is no account " + with + "."));
                });
    }

    private static <T> Mono<T> refuse(ChangeRefusedException.Why why, String message) {
        return Mono.error(new ChangeRefusedException(why, message));
    }

    private Mono<Boolean> isShared(AccountId owner, DeviceId device, AccountId with) {
        return receivers(owner, device).map(all -> all.contains(with));
    }

    /** The accounts that a device is shared with. */
    public Mono<List<AccountId>> receivers(AccountId owner, DeviceId device) {
        return redis.run(commands -> commands.hget(LicenseKeys.shares(owner), device.value())).map(Shares::accounts)
                .defaultIfEmpty(List.of());
    }

    /** The accounts that devices are shared with; devices that are not shared are left out. */
    public Mono<Map<DeviceId, List<AccountId>>> receivers(AccountId owner, List<DeviceId> devices) {
        if (devices.isEmpty()) {
            return Mono.just(Map.of());
        }
        String[] ids = devices.stream().map(DeviceId::value).toArray(String[]::new);
        return redis.run(commands -> commands.hmget(LicenseKeys.shares(owner), ids)).map(lists -> lists.stream()
                .filter(KeyValue::hasValue).collect(Collectors.toMap(list -> new DeviceId(list.getKey()),
                        list -> accounts(list.getValue()))));
    }

    /** Whether an account owns devices that are shared. */
    public Mono<Boolean> isSharing(AccountId owner) {
        return redis.run(commands -> commands.exists(LicenseKeys.shares(owner))).map(count -> count > 0);
    }

    static List<AccountId> accounts(String list) {
        return list.isEmpty() ? List.of() : Arrays.stream(list.split(",", -1)).map(AccountId::new).toList();
    }

    /** Stops sharing a device with an account; false if it was not shared with it. */
    public Mono<Boolean> end(AccountId owner, DeviceId device, AccountId with) {
        return drop(with, device, owner).then(unshare(owner, device, with))
                // A concurrent share call may have written the receiver's part between the two steps.
                .flatMap(ended -> isShared(owner, device, with)
                        .flatMap(anew -> anew ? Mono.<Void>empty() : drop(with, device, owner)).thenReturn(ended));
    }

    /** Stops sharing a device with these accounts. */
    Mono<Void> end(AccountId owner, DeviceId device, List<AccountId> with) {
        return Flux.fromIterable(with).concatMap(receiver -> end(owner, device, receiver)).then();
    }

    /**
     * Removes a share on behalf of its receiver; false if the device is not shared with the account.
     *
     * @param expected the record of the share that the receiver must have; with any other, the call fails with
     *                 {@link ConcurrentChangeException}. Empty accepts any record
     */
    Mono<Boolean> giveBack(AccountId receiver, DeviceId device, String expected) {
        return drop.text(receiver, List.of(device.value(), "", expected)).flatMap(owner -> switch (owner) {
            case "" -> Mono.just(false);
            case "!" -> Mono.error(new ConcurrentChangeException());
            default -> unshare(new AccountId(owner), device, receiver).thenReturn(true);
        });
    }

    private Mono<Void> drop(AccountId receiver, DeviceId device, AccountId owner) {
        return drop.text(receiver, List.of(device.value(), owner.value(), "")).then();
    }

    private Mono<Boolean> unshare(AccountId owner, DeviceId device, AccountId with) {
        return unshare.number(owner, List.of(device.value(), with.value())).map(count -> count == 1);
    }
}
