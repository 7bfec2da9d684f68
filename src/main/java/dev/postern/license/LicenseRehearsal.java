package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.license.LicenseFacts.Standing;
import dev.postern.license.LicensePolicy.LicenseDecision;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Foresees what {@link LicenseCheck} would answer, from the same facts and by the same policy, but takes no seat and
 * registers no device.
 */
public final class LicenseRehearsal {
    private static final int AT_ONCE = 16;

    private final LicenseSettings settings;
    private final LicenseSource source;
    private final LicensePolicy policy;
    private final Devices devices;
    private final RedisStore redis;
    private final Clock clock;

    /** @param devices the instance that calls use; like a call, this waits for its pending changes */
    public LicenseRehearsal(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        this.devices = devices;
        this.settings = settings;
        this.source = LicenseSource.of(redis, clock, settings);
        this.policy = new LicensePolicy(settings);
        this.redis = redis;
        this.clock = clock;
    }

    /** An outage of the store is an error, {@link dev.postern.store.StoreUnavailableException}. */
    public Mono<LicenseOutlook> foresee(AccountId account, List<DeviceId> named, DeviceUse use) {
        List<DeviceId> each = LicenseSource.distinct(named);
        return devices.awaitPendingChanges(account, each).then(source.read(account, each))
                .flatMap(facts -> foresee(account, facts, use, List.of(), facts));
    }

    /**
     * @param registered the devices that the call would have registered so far
     * @param present    the facts as they are
     */
    private Mono<LicenseOutlook> foresee(AccountId account, LicenseFacts facts, DeviceUse use,
            List<DeviceId> registered, LicenseFacts present) {
        return switch (policy.decide(facts, use, clock.instant())) {
            case LicenseDecision.Refused(var denied) -> Mono.just(outlook(present, registered, List.of(), denied));
            case LicenseDecision.Licensed() -> Mono.just(outlook(present, registered, List.of(), null));
            case LicenseDecision.NeedsSeats(var lacking) -> {
                long free = Math.max(0, facts.license().map(License::seats).orElse(0) - facts.used());
                yield Mono.just(free < lacking.size()
                        ? outlook(present, registered, List.of(), LicensePolicy.overQuota(lacking.get((int) free)))
                        : outlook(present, registered, lacking, null));
            }
            case LicenseDecision.NeedsEnrollment(var unknown) -> refuseEnrollment(account, facts, unknown)
                    .map(denied -> outlook(present, List.of(), List.of(), denied))
                    .switchIfEmpty(Mono.defer(() -> foresee(account, enrolled(facts, unknown), use, unknown, present)));
        };
    }

    private LicenseOutlook outlook(LicenseFacts facts, List<DeviceId> registers, List<DeviceId> seats,
            AccessDecision.@Nullable Denied denied) {
        Map<DeviceId, String> standings = new LinkedHashMap<>();
        facts.standings()
                .forEach((device, standing) -> standings.put(device, standing.name().toLowerCase(Locale.ROOT)));
        return new LicenseOutlook(settings.enabled() && facts.license().filter(License::enabled).isPresent(),
                facts.license(),
                facts.license().map(
                        license -> license.state(facts.devices(), settings.minimumDevices(), clock.instant())),
                facts.devices(), facts.used(), standings, denied == null ? registers : List.of(), seats,
                settings.enabled() ? Optional.ofNullable(denied) : Optional.empty());
    }

    /** The facts after these devices were registered, each with a seat. */
    private static LicenseFacts enrolled(LicenseFacts facts, List<DeviceId> devices) {
        Map<DeviceId, Standing> standings = new LinkedHashMap<>(facts.standings());
        devices.forEach(device -> standings.put(device, Standing.SEATED));
        return new LicenseFacts(facts.license(), facts.devices() + devices.size(), facts.used() + devices.size(),
                standings);
    }

    /** Why these devices could not be registered; empty if they could. */
    private Mono<AccessDecision.Denied> refuseEnrollment(AccountId account, LicenseFacts facts,
            List<DeviceId> unknown) {
        return Flux.fromIterable(unknown).flatMapSequential(device -> isHeldByAnother(account, device)
                .filter(held -> held).map(_ -> device), AT_ONCE).next()
                .map(device -> new AccessDecision.Denied(DenyReason.DEVICE_UNKNOWN,
                        "Device " + device + " does not belong to the account."))
                .switchIfEmpty(Mono.defer(() -> {
                    long room = settings.maxDevices() - facts.devices();
                    return room < unknown.size()
                            ? Mono.just(LicensePolicy.overQuota(unknown.get((int) Math.max(0, room))))
                            : Mono.empty();
                }));
    }

    /** Whether another account is recorded as the owner and really has the device. */
    private Mono<Boolean> isHeldByAnother(AccountId account, DeviceId device) {
        return redis.run(commands -> commands.hget(DeviceOwners.key(device), device.value()))
                .map(DeviceOwners.Entry::read).filter(owner -> !owner.account().equals(account))
                .flatMap(owner -> redis.run(commands -> commands.zscore(LicenseKeys.devices(owner.account()),
                        device.value())).hasElement())
                .defaultIfEmpty(false);
    }
}
