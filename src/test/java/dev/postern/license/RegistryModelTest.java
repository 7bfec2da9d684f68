package dev.postern.license;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.DeviceGroups;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.Thoroughness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Three gates make random changes to a few devices of a few accounts, many of them at the same time. Whatever their
 * outcomes, the data in Redis is consistent afterwards.
 */
@OwnsItsGate
@Order(4)
class RegistryModelTest {
    private static final int CHANGES = 400;
    private static final int AT_ONCE = 12;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<AccountId> ACCOUNTS = List.of(new AccountId("a"), new AccountId("1"),
            new AccountId("-:.~"));
    /** Some look like numbers, or are only punctuation. */
    private static final List<DeviceId> DEVICES = IntStream.range(0, 12)
            .mapToObj(
                    i -> new DeviceId(List.of("0", "-0", "1e3", "inf", "nan", "-", "...", "a:b", "~", "00", "camera-1",
                            "Z").get(i)))
            .toList();
    private static final List<String> GROUPS = List.of("0", "p", "~");
    private static final List<String> TITLES = List.of("", "1|2|3|4|5", "\"\\/", "\u2028 \uD83D\uDCF7", "plain");

    @TempDir
    private static Path folder;
    private static TestRedis redis;
    private static Fleet fleet;

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
        fleet = new Fleet(redis.secretKeys());
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    static IntStream seeds() {
        return IntStream.range(0, Thoroughness.pick(4, 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void staysConsistentAfterAnySequenceOfChanges(int seed) {
        redis.clear();
        Random random = new Random(seed);
        try (Relay one = redis.relay(); Relay two = redis.relay(); Relay three = redis.relay()) {
            List<Fleet.Gate> gates = List.of(fleet.gate(one.store(), settings(0)), fleet.gate(two.store(), settings(1)),
                    fleet.gate(three.store(), settings(2)));
            ACCOUNTS.forEach(account -> gates.getFirst().open(account.value()));
            List<Mono<?>> changes = new ArrayList<>();
            for (int i = 0; i < CHANGES; i++) {
                changes.add(change(random, gates.get(random.nextInt(gates.size()))));
            }
            Flux.fromIterable(changes).flatMap(change -> change.then()
                    .onErrorResume(ChangeRefusedException.class, _ -> Mono.empty())
                    .onErrorResume(ConcurrentChangeException.class, _ -> Mono.empty()), AT_ONCE)
                    .blockLast(LIMIT);
            agrees(gates.getFirst());
            nothingIsStuck(gates.getFirst());
            agrees(gates.getFirst());
        }
    }

    private static LicenseSettings settings(int gate) {
        return Fleet.settings(
                gate == 0 ? LicenseSettings.Enrollment.STRICT : LicenseSettings.Enrollment.FIRST_USE,
                Duration.ofSeconds(5));
    }

    private static <T> T any(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static Optional<String> maybe(Random random) {
        return random.nextInt(3) == 0 ? Optional.of(any(random, GROUPS)) : Optional.empty();
    }

    private static NewDevice device(Random random) {
        return new NewDevice(any(random, DEVICES), any(random, TITLES), maybe(random), maybe(random));
    }

    private static Mono<?> change(Random random, Fleet.Gate gate) {
        AccountId account = any(random, ACCOUNTS);
        DeviceId device = any(random, DEVICES);
        return switch (random.nextInt(24)) {
            case 0, 1, 2, 3 -> gate.devices().add(account, device(random));
            case 4, 5 -> gate.devices().add(account,
                    List.of(device(random), device(random), device(random), device(random)), Devices.newMark());
            case 6, 7, 8, 9 -> gate.devices().delete(account, device);
            case 10, 11 -> gate.shares().share(account, device, any(random, ACCOUNTS.stream()
                    .filter(other -> !other.equals(account)).toList()));
            case 12 -> gate.shares().end(account, device, any(random, ACCOUNTS));
            case 13, 14, 15, 16 -> gate.calling(account, device.value(), any(random, DEVICES).value());
            case 17, 18 -> gate.licenses().change(account,
                    new LicenseManagement.Change(Optional.of(License.Plan.PAID), OptionalInt.of(random.nextInt(6)),
                            OptionalInt.empty(), Optional.empty(), Optional.empty()));
            case 19 -> gate.licenses().moveSeat(account, device, any(random, DEVICES));
            case 20 -> gate.groups().create(account, group(random));
            case 21 -> gate.groups().replace(account, group(random));
            case 22 -> gate.groups().delete(account, group(random).group());
            default -> random.nextInt(3) == 0
                    ? gate.accounts().delete(account).then(gate.accounts().create(account, "again"))
                    : gate.accounts().create(account, "again");
        };
    }

    private static DeviceGroups.Details group(Random random) {
        return new DeviceGroups.Details(
                new DeviceGroup(any(random, List.of(DeviceGroup.Kind.values())), any(random, GROUPS)),
                any(random, TITLES) + "/", Set.of(any(random, DEVICES)));
    }

    private static Map<String, String> hash(String key) {
        return redis.run(commands -> commands.hgetall(key));
    }

    private static void agrees(Fleet.Gate gate) {
        Set<String> held = new HashSet<>();
        for (AccountId account : ACCOUNTS) {
            Map<String, String> details = hash(LicenseKeys.details(account));
            details.keySet().forEach(device -> {
                assertThat(held.add(device)).as("%s has one owner", device).isTrue();
                String owner = redis.run(commands -> commands.hget(DeviceOwners.key(new DeviceId(device)), device));
                assertThat(owner).as("owner of %s", device).startsWith(account + "|");
            });
            List<String> listed = redis.run(commands -> commands.zrange(LicenseKeys.devices(account), 0, -1));
            assertThat(listed).containsExactlyInAnyOrderElementsOf(details.keySet());
            Set<String> seated = gate.seated(account);
            assertThat(Replay.of(gate.entries(account))).isEqualTo(seated);
            long days = hash(LicenseKeys.seatDays(account)).values().stream().mapToLong(Long::parseLong).sum();
            assertThat(days).as("seats taken less seats lost by day").isEqualTo(seated.size());
            if (find(gate.accounts().find(account)).isPresent()) {
                assertThat(seated.size()).isLessThanOrEqualTo(gate.license(account).license().seats());
            } else {
                assertThat(details).isEmpty();
            }
            groupsAgree(gate, account, details.keySet());
        }
        assertThat(received()).isEqualTo(shared());
    }

    private static void groupsAgree(Fleet.Gate gate, AccountId account, Set<String> devices) {
        for (String id : devices) {
            Device.Direct device = (Device.Direct) get(gate.list().find(account, new DeviceId(id)));
            device.project().ifPresent(project -> assertThat(get(gate.groups().require(account,
                    new DeviceGroup(DeviceGroup.Kind.PROJECT, project))).devices()).contains(device.id()));
            device.user().ifPresent(user -> assertThat(get(gate.groups().require(account,
                    new DeviceGroup(DeviceGroup.Kind.USER, user))).devices()).contains(device.id()));
        }
    }

    /** Shares as their receivers see them. */
    private static Set<String> received() {
        Set<String> all = new HashSet<>();
        for (AccountId receiver : ACCOUNTS) {
            hash(LicenseKeys.received(receiver)).forEach((device, record) -> all
                    .add(device + " of " + record.substring(0, record.indexOf('|')) + " with " + receiver));
        }
        return all;
    }

    /** Shares as the owners see them, who have these devices. */
    private static Set<String> shared() {
        Set<String> all = new HashSet<>();
        for (AccountId owner : ACCOUNTS) {
            hash(LicenseKeys.shares(owner)).forEach((device, with) -> {
                assertThat(hash(LicenseKeys.details(owner))).containsKey(device);
                Shares.accounts(with).forEach(receiver -> all.add(device + " of " + owner + " with " + receiver));
            });
        }
        return all;
    }

    /** Every device can be deleted by its account, and then added by another account. */
    private static void nothingIsStuck(Fleet.Gate gate) {
        ACCOUNTS.forEach(account -> find(gate.accounts().create(account, "again")));
        for (DeviceId device : DEVICES) {
            for (AccountId account : ACCOUNTS) {
                get(gate.devices().delete(account, device));
            }
            AccountId next = ACCOUNTS.get(Math.floorMod(device.hashCode(), ACCOUNTS.size()));
            assertThat(gate.add(next, device.value())).as("%s", device).isEqualTo(AddDeviceOutcome.ADDED);
        }
    }
}
