package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.CallRevision;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Revision;
import dev.postern.store.RedisStore;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * Reads and changes the licenses of accounts, for the operator. Fails with {@link ChangeRefusedException} if a change
 * is not possible.
 */
public final class LicenseManagement {
    private static final int ATTEMPTS = 5;
    /** A result names at most this many of the devices that lost their seats. The ledger has all of them. */
    private static final int MAX_NAMED = 1000;

    private final RedisStore redis;
    private final LicenseSettings settings;
    private final LicenseSource source;
    private final Devices devices;
    private final LicenseScript setTerms;
    private final LicenseScript moveSeat;
    private final Clock clock;

    public LicenseManagement(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        this.redis = redis;
        this.settings = settings;
        this.source = LicenseSource.of(redis, clock, settings);
        this.devices = devices;
        this.setTerms = new LicenseScript("set-terms.lua", redis, clock, settings);
        this.moveSeat = new LicenseScript("move-seat.lua", redis, clock, settings);
        this.clock = clock;
    }

    /**
     * A change of a license by the operator. Empty members stay unchanged.
     *
     * @param seats only for a paid license
     * @param years years from now; must be empty if {@code until} is set
     * @param until the end
     */
    public record Change(Optional<License.Plan> plan, OptionalInt seats, OptionalInt years, Optional<Instant> until,
            Optional<Boolean> enabled) {}

    /**
     * The result of a change.
     *
     * @param unseated      the devices that lost their seats, most recent first, at most {@link #MAX_NAMED}
     * @param unseatedCount the number of all devices that lost their seats
     */
    public record Changed(LicenseOverview overview, List<DeviceId> unseated, long unseatedCount) {
        public Changed {
            unseated = List.copyOf(unseated);
        }
    }

    /** Reads a license. Fails if the account does not exist. */
    public Mono<LicenseOverview> require(AccountId account) {
        return source.read(account, List.of())
                .flatMap(facts -> CallRevision.note(revision(require(facts))).thenReturn(facts))
                .flatMap(facts -> redis.run(commands -> commands.hgetall(LicenseKeys.seatDays(account)))
                        .defaultIfEmpty(Map.of()).map(days -> overview(require(facts), facts, days)));
    }

    private static License require(LicenseFacts facts) {
        return facts.license().orElseThrow(ChangeRefusedException::noAccount);
    }

    /** The revision of the stored terms. It does not depend on the seats in use or on the date. */
    private static Revision revision(License license) {
        return Revision.of(license.terms());
    }

    private LicenseOverview overview(License license, LicenseFacts facts, Map<String, String> days) {
        Map<Long, Long> byDay = new HashMap<>();
        days.forEach((day, count) -> byDay.put(Long.valueOf(day), Long.valueOf(count)));
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return new LicenseOverview(license, facts.used(), facts.devices() - facts.used(),
                license.state(facts.devices(), settings.minimumDevices(), clock.instant()),
                SeatForecast.fullOn(license.seats() - facts.used(), byDay,
                        LocalDate.ofInstant(license.from(), ZoneOffset.UTC), today),
                SeatForecast.history(facts.used(), byDay, today));
    }

    /**
     * Changes a license if it is as the caller expects ({@link CallRevision}). If the number of seats is reduced, the
     * last devices to get one lose theirs.
     */
    public Mono<Changed> change(AccountId account, Change change) {
        return devices.changingLicense(account, replace(account, before -> next(before, change), ATTEMPTS));
    }

    private Mono<Changed> replace(AccountId account, UnaryOperator<License> change, int attempts) {
        return terms(account).flatMap(present -> source.read(account, List.of()).flatMap(facts -> {
            License before = require(facts);
            // If the license is changed after this check, the script refuses the change.
            return CallRevision.require(revision(before)).then(Mono.fromSupplier(() -> change.apply(before)))
                    .flatMap(next -> setTerms.list(account, List.of(present, next.terms()))
                            .flatMap(reply -> switch (reply.getFirst()) {
                                case "changed" -> attempts > 1
                                        ? replace(account, change, attempts - 1)
                                        : Mono.<Changed>error(new ConcurrentChangeException());
                                case "no-account" -> Mono.<Changed>error(ChangeRefusedException.noAccount());
                                default -> shrink(account, reply)
                                        .flatMap(lost -> require(account)
                                                .map(overview -> new Changed(overview, lost.named(),
                                                        lost.count())));
                            }));
        }));
    }

    /** The license in force, even if no terms were ever set; empty if the account does not exist. */
    public Mono<License> find(AccountId account) {
        return source.read(account, List.of()).flatMap(facts -> Mono.justOrEmpty(facts.license()));
    }

    /** The number of seats of a free license. */
    public int freeSeats() {
        return settings.freeSeats();
    }

    /** The number of free seats; empty if the account does not exist. */
    public Mono<Long> freeSeats(AccountId account) {
        return source.read(account, List.of()).flatMap(facts -> Mono.justOrEmpty(facts.license())
                .map(license -> license.seats() - facts.used()));
    }

    /** How many seats would be free if the license had this many. Does not check that the account exists. */
    public Mono<Long> freeSeats(AccountId account, int seats) {
        return source.read(account, List.of()).map(facts -> seats - Math.min(facts.used(), seats));
    }

    /** Sets all terms of a license. */
    public Mono<Changed> restore(AccountId account, License license) {
        return devices.changingLicense(account, replace(account, _ -> license, ATTEMPTS));
    }

    /** The devices that lost their seats so far. */
    private record Lost(List<DeviceId> named, long count) {
        Lost and(List<String> more) {
            more.stream().limit(MAX_NAMED - named.size()).forEach(id -> named.add(new DeviceId(id)));
            return new Lost(named, count + more.size());
        }
    }

    private Mono<Lost> shrink(AccountId account, List<String> first) {
        // Not recursive: there may be thousands of steps.
        return Mono.just(first).expand(reply -> reply.getFirst().equals("more")
                ? setTerms.list(account, List.of("", ""))
                : Mono.empty())
                .reduce(new Lost(new ArrayList<>(), 0), (lost, reply) -> lost.and(reply.subList(1, reply.size())));
    }

    private Mono<String> terms(AccountId account) {
        return redis.run(commands -> commands.hget(LicenseKeys.license(account), "terms")).defaultIfEmpty("");
    }

    private License next(License present, Change change) {
        License.Plan plan = change.plan().orElse(present.plan());
        Instant now = Instant.ofEpochMilli(clock.millis());
        int seats = switch (plan) {
            case PAID -> change.seats().orElseGet(() -> present.plan() == License.Plan.PAID
                    ? present.seats()
                    : refuse("A paid license needs a number of seats."));
            case FREE -> {
                if (change.seats().isPresent() && change.seats().getAsInt() != settings.freeSeats()) {
                    refuse("A free license has " + settings.freeSeats() + " seats. More can be bought.");
                }
                yield settings.freeSeats();
            }
        };
        boolean renewed = change.years().isPresent() || change.until().isPresent() || plan != present.plan();
        Instant until = change.until().orElseGet(() -> renewed
                ? License.plusYears(now, change.years().orElse(settings.freeYears()))
                : present.until());
        Instant from = renewed ? now : present.from();
        if (until.isBefore(from)) {
            refuse("The license would begin now but end in the past.");
        }
        return new License(plan, seats, from, until, change.enabled().orElse(present.enabled()));
    }

    private static int refuse(String why) {
        throw new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS, why);
    }

    /** Gives the seat of one device to another of the same account. */
    public Mono<Void> moveSeat(AccountId account, DeviceId from, DeviceId to) {
        return devices.changingLicense(account, moveSeat.list(account, List.of(from.value(), to.value())))
                .flatMap(reply -> switch (reply.getFirst()) {
                    case "moved" -> Mono.<Void>empty();
                    case "unknown" -> Mono.<Void>error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                            "There is no device " + reply.get(1) + "."));
                    case "waiting" ->
                        Mono.<Void>error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                                "Device " + from + " has no seat to give."));
                    default -> Mono.<Void>error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS,
                            "Device " + to + " already has a seat."));
                });
    }
}
