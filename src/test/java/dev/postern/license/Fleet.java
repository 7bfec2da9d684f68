package dev.postern.license;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.DeviceGroups;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.store.Patience;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.support.AmpleStorage;
import dev.postern.support.MovableClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Gates that share a Redis and a clock, as far as devices and licenses go. */
final class Fleet {
    static final LicenseSettings SETTINGS = settings(LicenseSettings.Enrollment.STRICT, Duration.ofSeconds(5));

    private final SecretKeys secrets;
    private final MovableClock clock = MovableClock.at(Instant.parse("2026-03-01T12:00:00Z"));

    Fleet(SecretKeys secrets) {
        this.secrets = secrets;
    }

    static LicenseSettings settings(LicenseSettings.Enrollment enrollment, Duration rememberFor) {
        return new LicenseSettings(true, enrollment, 3, 3, 1, 20_000_000, rememberFor, 100_000);
    }

    /** One gate on the Redis that all gates share. */
    record Gate(Accounts accounts, DeviceGroups groups, Shares shares, Devices devices, DeviceList list,
            LicenseCheck licenseCheck, LicenseManagement licenses, LicenseExtensions extensions, LicenseLedger ledger,
            LicenseWatch watch, LearnedDevices learned) {
        AccountId open(String id) {
            return get(accounts.create(new AccountId(id), "name").map(Accounts.AccountWithKey::account)).id();
        }

        AddDeviceOutcome add(AccountId account, String device) {
            return get(devices.add(account, NewDevice.untitled(new DeviceId(device))));
        }

        void add(AccountId account, String... ids) {
            for (String id : ids) {
                add(account, id);
            }
        }

        Optional<DenyReason> call(AccountId account, String... ids) {
            return get(calling(account, ids));
        }

        /** Why a call of these devices is refused; empty when it is not. */
        Mono<Optional<DenyReason>> calling(AccountId account, String... ids) {
            List<DeviceId> named = List.of(ids).stream().map(DeviceId::new).toList();
            return Mono.defer(() -> licenseCheck.isCoveredNow(account, named, DeviceUse.ORDINARY, Patience.READ)
                    ? Mono.just(Optional.empty())
                    : licenseCheck.checkAndTakeSeats(account, named, DeviceUse.ORDINARY, Patience.READ)
                            .map(denied -> denied.map(AccessDecision.Denied::reason)));
        }

        LicenseManagement.Changed pay(AccountId account, int seats) {
            return get(licenses.change(account, new LicenseManagement.Change(Optional.of(License.Plan.PAID),
                    OptionalInt.of(seats), OptionalInt.empty(), Optional.empty(), Optional.empty())));
        }

        LicenseOverview license(AccountId account) {
            return get(licenses.require(account));
        }

        /** The devices with a seat, in the order in which they got it. */
        Set<String> seated(AccountId account) {
            Set<String> seated = new LinkedHashSet<>();
            DeviceList.Filter filter = new DeviceList.Filter(Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.of(true), Optional.empty());
            for (int page = 1;; page++) {
                Page<Device> found = get(list.list(account, filter, new Page.Request(page, 100)));
                found.items().forEach(device -> seated.add(device.id().value()));
                if (found.items().size() < 100) {
                    return seated;
                }
            }
        }

        /** The whole ledger, the oldest entry first. */
        List<LicenseLedger.Entry> entries(AccountId account) {
            List<LicenseLedger.Entry> all = new ArrayList<>();
            String last = "0-0";
            while (true) {
                List<LicenseLedger.Entry> part = get(ledger.after(account, last, 1000)).entries();
                if (part.isEmpty()) {
                    return all;
                }
                all.addAll(part);
                last = part.getLast().id();
            }
        }

        boolean isMade(Mono<?> change) {
            return find(change.thenReturn(true).onErrorResume(ChangeRefusedException.class, _ -> Mono.just(false)))
                    .orElseThrow();
        }

        void newGroup(AccountId account, DeviceGroup.Kind kind, String id, String... ids) {
            find(groups.create(account, new DeviceGroups.Details(new DeviceGroup(kind, id), id,
                    Set.copyOf(List.of(ids).stream().map(DeviceId::new).toList()))));
        }
    }

    Gate gate(RedisStore store) {
        return gate(store, SETTINGS);
    }

    Gate gate(RedisStore store, LicenseSettings settings) {
        LicenseWatch watch = new LicenseWatch(store, settings, clock);
        Shares shares = new Shares(store, settings, clock);
        DeviceGroups groups = new DeviceGroups(store, AmpleStorage.lists(store));
        Devices devices = new Devices(store, shares, settings, watch, clock);
        return new Gate(new Accounts(store, secrets, clock, Stream
                .concat(AmpleStorage.parts(store).stream(), Stream.of(devices)).toList()), groups, shares, devices,
                new DeviceList(store, groups, AmpleStorage.lists(store)),
                new LicenseCheck(store, devices, settings, clock),
                new LicenseManagement(store, devices, settings, clock),
                new LicenseExtensions(store, devices, settings, clock), new LicenseLedger(store), watch,
                new LearnedDevices(devices));
    }

    Clock clock() {
        return clock;
    }

    void pass(Duration time) {
        clock.move(time);
    }
}
