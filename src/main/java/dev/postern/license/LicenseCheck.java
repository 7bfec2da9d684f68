package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.license.LicensePolicy.LicenseDecision;
import dev.postern.store.ChangeLog;
import dev.postern.store.NearCache;
import dev.postern.store.Patience;
import dev.postern.store.RedisStore;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Decides whether the license of an account covers a call that is otherwise allowed, and takes the seats that it needs.
 * {@link #isCoveredNow} is synchronous, and answers from memory.
 */
public final class LicenseCheck {
    private static final Logger LOG = LoggerFactory.getLogger(LicenseCheck.class);
    /** The maximum number of attempts when devices are registered or deleted concurrently. */
    private static final int ATTEMPTS = 3;

    private final LicenseSettings settings;
    private final LicenseSource source;
    private final LicensePolicy policy;
    private final CoverageCache coverage;
    private final Devices devices;
    private final LicenseScript takeSeats;
    private final UnreadableRecords unreadable;
    private final ChangeLog changes;
    private final Clock clock;

    public LicenseCheck(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        this.settings = settings;
        this.source = LicenseSource.of(redis, clock, settings);
        this.policy = new LicensePolicy(settings);
        this.coverage = new CoverageCache(redis.changes().view(), settings, this::refresh);
        this.devices = devices;
        this.takeSeats = new LicenseScript("take-seats.lua", redis, clock, settings);
        this.unreadable = redis.unreadable();
        this.changes = redis.changes();
        this.clock = clock;
    }

    /** Whether the call is known from memory to be covered. If not, call {@link #checkAndTakeSeats}. */
    public boolean isCoveredNow(AccountId account, List<DeviceId> named, DeviceUse use, Patience patience) {
        return !settings.enabled()
                || (use.isUse() && coverage.covers(account, named, clock.millis(), patience));
    }

    /**
     * Decides from Redis whether the license covers the call. Registers unknown devices if the settings allow it, and
     * takes seats where needed.
     *
     * @return the denial if the call is not covered, empty if it is covered. In an outage of Redis, empty if memory
     *     shows that the call is covered and {@code patience} allows relying on it; otherwise the error
     *     {@link dev.postern.store.StoreUnavailableException}
     */
    public Mono<Optional<AccessDecision.Denied>> checkAndTakeSeats(AccountId account, List<DeviceId> named,
            DeviceUse use,
            Patience patience) {
        List<DeviceId> each = LicenseSource.distinct(named);
        return devices.awaitPendingChanges(account, each).then(checkAndTakeSeats(account, each, use, ATTEMPTS))
                .onErrorResume(StoreUnavailableException.class,
                        outage -> use.isUse()
                                && coverage.coveredInOutage(account, each, clock.millis(), patience)
                                        ? Mono.just(Optional.empty())
                                        : Mono.error(outage))
                .onErrorResume(UnreadableRecordException.class, corrupt -> {
                    unreadable.report(corrupt);
                    return Mono.just(Optional.of(new AccessDecision.Denied(DenyReason.RECORD_UNREADABLE)));
                });
    }

    private Mono<Optional<AccessDecision.Denied>> checkAndTakeSeats(AccountId account, List<DeviceId> each,
            DeviceUse use,
            int attempts) {
        return Mono.defer(() -> {
            NearCache.Stamp stamp = coverage.stamp(account);
            return source.read(account, each).flatMap(facts -> switch (policy.decide(facts, use, clock.instant())) {
                case LicenseDecision.Refused(var denied) -> Mono.just(Optional.of(denied));
                case LicenseDecision.Licensed _ -> {
                    remember(account, each, use, stamp, facts);
                    yield Mono.just(Optional.<AccessDecision.Denied>empty());
                }
                case LicenseDecision.NeedsSeats(var lacking) -> takeSeats(account, lacking).flatMap(without -> {
                    if (without.isEmpty()) {
                        devices.licenseChanged(account);
                        remember(account, each, use, stamp, facts);
                        return Mono.just(Optional.<AccessDecision.Denied>empty());
                    }
                    return isWithoutSeat(account, without.get()).flatMap(withoutSeat -> withoutSeat || attempts <= 1
                            ? Mono.just(Optional.of(LicensePolicy.overQuota(without.get())))
                            : checkAndTakeSeats(account, each, use, attempts - 1));
                });
                case LicenseDecision.NeedsEnrollment(var unknown) ->
                    devices.enroll(account, unknown).flatMap(refused -> {
                        if (refused.isPresent()) {
                            return Mono.just(refused);
                        }
                        return attempts <= 1
                                ? Mono.just(Optional.of(new AccessDecision.Denied(DenyReason.DEVICE_UNKNOWN)))
                                : checkAndTakeSeats(account, each, use, attempts - 1);
                    });
            });
        });
    }

    private void remember(AccountId account, List<DeviceId> each, DeviceUse use, NearCache.Stamp stamp,
            LicenseFacts facts) {
        if (use.isUse() && facts.license().isPresent()) {
            License license = facts.license().get();
            coverage.remember(account, each, stamp,
                    license.enabled() ? license.until().toEpochMilli() : Long.MAX_VALUE);
        }
    }

    /** Repeats the check of a device that is in use, before its entry in memory expires. Takes no seat for it. */
    private void refresh(CoverageCache.Seat seat) {
        NearCache.Stamp stamp = coverage.stamp(seat.account());
        var _ = source.read(seat.account(), seat.devices())
                .filter(facts -> policy.decide(facts, DeviceUse.ORDINARY,
                        clock.instant()) instanceof LicenseDecision.Licensed)
                .subscribe(facts -> remember(seat.account(), seat.devices(), DeviceUse.ORDINARY, stamp, facts),
                        // Ignored: the next call asks the store again and gets the error.
                        failure -> LOG.debug("A seat of {} could not be refreshed: {}", seat.account(),
                                failure.toString()));
    }

    /**
     * Takes seats for all of the devices or for none. Returns the first device that cannot get a seat; empty if all
     * have one now.
     */
    private Mono<Optional<DeviceId>> takeSeats(AccountId account, List<DeviceId> lacking) {
        return changes.changingIfReported(takeSeats.list(account, lacking.stream().map(DeviceId::value).toList()),
                LicenseKeys.license(account)).flatMap(reply -> {
                    String first = reply.getFirst();
                    Optional<DeviceId> without = first.isEmpty() ? Optional.empty() : Optional.of(new DeviceId(first));
                    // The second value is set if the script also continued a pending reduction of the seats, and took
                    // seats from other devices. Their cached coverage must then be dropped.
                    return reply.get(1).isEmpty()
                            ? Mono.just(without)
                            : devices.changingLicense(account, Mono.just(without));
                });
    }

    /** Whether the device has no seat because none is free, rather than because it was deleted meanwhile. */
    private Mono<Boolean> isWithoutSeat(AccountId account, DeviceId device) {
        return source.read(account, List.of(device))
                .map(facts -> facts.standings().get(device) == LicenseFacts.Standing.WAITING);
    }

    /** The number of entries in the cache of covered devices. */
    public long remembered() {
        return coverage.size();
    }
}
