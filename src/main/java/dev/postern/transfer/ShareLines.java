package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.issuance.RestoredAccounts;
import dev.postern.license.Device;
import dev.postern.license.RestoredDevices;
import dev.postern.license.Shares;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** The accounts that an account's devices are shared with. */
final class ShareLines extends EachPart<ShareLines.Share> {
    private static final String DEVICE = "device";
    private static final String WITH = "with";
    private static final int AT_ONCE = 500;

    private final Shares shares;
    private final RestoredDevices devices;
    private final RestoredAccounts accounts;

    ShareLines(Shares shares, RestoredDevices devices, RestoredAccounts accounts) {
        this.shares = shares;
        this.devices = devices;
        this.accounts = accounts;
    }

    /** A device that is shared with another account. */
    record Share(DeviceId device, AccountId with) {}

    @Override
    public ResourceKind kind() {
        return ResourceKind.SHARE;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return shares.isSharing(account).filter(any -> any).flatMapMany(_ -> devices.all(account)).map(Device::id)
                .buffer(AT_ONCE).concatMap(ids -> shares.receivers(account, ids)
                        .flatMapIterable(receivers -> ids.stream()
                                .flatMap(device -> receivers.getOrDefault(device, List.of()).stream()
                                        .map(with -> write(account, new Share(device, with))))
                                .toList()),
                        1);
    }

    @Override
    public Share read(AccountId account, Members line) {
        line.only(DEVICE, WITH);
        return new Share(new DeviceId(line.id(DEVICE)), new AccountId(line.id(WITH)));
    }

    @Override
    public Resource write(AccountId account, Share share) {
        return new Resource(kind(), account, share.device() + " " + share.with(), JsonMapper.shared()
                .createObjectNode().put(DEVICE, share.device().value()).put(WITH, share.with().value()));
    }

    @Override
    Mono<Resource> find(AccountId account, Share wanted) {
        return shares.receivers(account, wanted.device()).filter(receivers -> receivers.contains(wanted.with()))
                .map(_ -> write(account, wanted));
    }

    @Override
    Mono<Void> create(AccountId account, Share wanted) {
        return shares.share(account, wanted.device(), wanted.with());
    }

    @Override
    public Mono<Void> change(AccountId account, Share wanted, List<String> differences) {
        return Mono.empty();
    }

    /** An interrupted call may have written the owner's part alone. */
    @Override
    public Mono<Void> complete(AccountId account, Share wanted) {
        return shares.share(account, wanted.device(), wanted.with()).onErrorResume(ChangeRefusedException.class,
                refused -> refused.why() == ChangeRefusedException.Why.TAKEN ? Mono.empty() : Mono.error(refused));
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, Share wanted, Forecast forecast) {
        return require(forecast.hasCreated(ResourceKind.ACCOUNT, wanted.with(), ""),
                accounts.find(wanted.with()).hasElement(), "There is no account " + wanted.with() + ".")
                .then(require(forecast.hasCreated(ResourceKind.DEVICE, account, wanted.device().value()),
                        devices.find(account, List.of(wanted.device())).map(found -> !found.isEmpty()),
                        "There is no device " + wanted.device() + "."));
    }

    private static Mono<Void> require(boolean created, Mono<Boolean> present, String otherwise) {
        return created
                ? Mono.empty()
                : present.flatMap(there -> there
                        ? Mono.empty()
                        : Mono.error(LineFault.of(LineFault.Reason.NOT_FOUND, otherwise)));
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return shares.end(account, new DeviceId(present.members().required(DEVICE).stringValue()),
                new AccountId(present.members().required(WITH).stringValue())).then();
    }
}
