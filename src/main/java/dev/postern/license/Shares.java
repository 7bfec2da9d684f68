package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Devices that an account shares with others. Stands with the owner and with the receiver, in two slots: the owner's part is
 * written first and removed last, so that a share that was left half done is found again and ended with the device.
 */
public final class Shares {
    /** With how many accounts a device may be shared. */
    public static final int MAX_RECEIVERS = 100;
    /** How many devices may be shared with an account. */
    public static final int MAX_RECEIVED = 10_000;

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

    /** An error, {@link ChangeRefusedException}, when it cannot be, or is already. */
    public Mono<Void> share(AccountId owner, DeviceId device, AccountId with) {
        return share.list(owner, List.of(device.value(), with.value(), Integer.toString(MAX_RECEIVERS)))
                .flatMap(reply -> switch (reply.getFirst()) {
                    case "shared" -> receive(owner, device, with, reply.get(1), true);
                    case "already" -> receive(owner, device, with, reply.get(1), false);
                    case "many" -> refuse(ChangeRefusedException.Why.TOO_MANY,
                            "A device may be shared with " + MAX_RECEIVERS + " accounts.");
                    case "not-own" -> refuse(ChangeRefusedException.Why.NOT_AS_IT_IS, "Device " + device
                            + " is itself shared with the account. Its owner may share it.");
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
                                    "Device " + device + " is shared with account " + with + " already.");
                    case "own" -> unshare(owner, device, with).then(refuse(ChangeRefusedException.Why.NOT_AS_IT_IS,
                            "Account " + with + " has the device " + device + " itself."));
                    case "many" -> unshare(owner, device, with).then(refuse(ChangeRefusedException.Why.TOO_MANY,
                            "An account may have " + MAX_RECEIVED + " devices of others."));
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

    /** With whom a device is shared. */
    public Mono<List<AccountId>> receivers(AccountId owner, DeviceId device) {
        return redis.run(commands -> commands.hget(LicenseKeys.shares(owner), device.value())).map(Shares::accounts)
                .defaultIfEmpty(List.of());
    }

    static List<AccountId> accounts(String list) {
        return list.isEmpty() ? List.of() : Arrays.stream(list.split(",", -1)).map(AccountId::new).toList();
    }

    /** False when it was not shared with that account. */
    public Mono<Boolean> end(AccountId owner, DeviceId device, AccountId with) {
        return drop(with, device, owner).then(unshare(owner, device, with))
                // Who was sharing it may have put down the receiver's part between the two.
                .flatMap(ended -> isShared(owner, device, with)
                        .flatMap(anew -> anew ? Mono.<Void>empty() : drop(with, device, owner)).thenReturn(ended));
    }

    /** Ends all that is left of the shares of a device. */
    Mono<Void> end(AccountId owner, DeviceId device, List<AccountId> with) {
        return Flux.fromIterable(with).concatMap(receiver -> end(owner, device, receiver)).then();
    }

    /** A receiver gives a device back; false when nobody shares it with the account. */
    Mono<Boolean> giveBack(AccountId receiver, DeviceId device) {
        return drop.text(receiver, List.of(device.value(), "")).flatMap(owner -> owner.isEmpty()
                ? Mono.just(false)
                : unshare(new AccountId(owner), device, receiver).thenReturn(true));
    }

    private Mono<Void> drop(AccountId receiver, DeviceId device, AccountId owner) {
        return drop.text(receiver, List.of(device.value(), owner.value())).then();
    }

    private Mono<Boolean> unshare(AccountId owner, DeviceId device, AccountId with) {
        return unshare.number(owner, List.of(device.value(), with.value())).map(count -> count == 1);
    }
}
