package dev.postern.sizing;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.account.RecordRef;
import dev.postern.authentication.RecordCache;
import dev.postern.credential.Permission;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.license.DeviceUse;
import dev.postern.license.Devices;
import dev.postern.license.License;
import dev.postern.license.LicenseCheck;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseSettings;
import dev.postern.license.NewDevice;
import dev.postern.store.CacheSettings;
import dev.postern.store.Patience;
import dev.postern.store.RedisStore;
import dev.postern.support.LongTest;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestGate;
import dev.postern.usage.WrittenNow;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Measures what records and commands cost Redis, by writing and reading them through the code of the gate. The bytes in
 * memory must be those of {@link RedisFigures}. Processor time and network are only printed, because they depend on the
 * machine.
 */
@LongTest
@OwnsItsGate
class RedisFiguresTest {
    private static final int ACCOUNTS = 10;
    private static final int DEVICES_OF_ACCOUNT = 1000;
    /** So many that Redis counts them in a dense HyperLogLog. */
    private static final int ACTIVE = 4000;
    private static final int KEYS_OF_ACCOUNT = 100;
    private static final int DEVICES_OF_KEY = 10;
    /** What the documents recommend. The default of Redis is 128. */
    private static final String LISTPACK = System.getProperty("sizing.listpack", "512");
    private static final int AT_ONCE = 64;
    private static final int CHANGES = 2000;
    private static final int FOLLOWED = 200;
    private static final Pattern CLIENT_MEMORY = Pattern.compile(" tot-mem=(\\d+)");
    private static final Percentage CLOSE = Percentage.withPercentage(15);
    private static final TestGate GATE = TestGate.start("postern.license.enabled=true");

    private final RedisStore redis = GATE.redis();
    private final SoftAssertions figures = new SoftAssertions();
    private final MovableClock clock = MovableClock.at(Instant.parse("2026-01-01T12:00:00Z"));
    private final WrittenNow usage = new WrittenNow(redis, clock);

    @AfterAll
    static void close() {
        GATE.close();
    }

    /** What Redis has used so far, or between two moments. */
    private record Used(double memory, double micros, double in, double out) {
        Used since(Used before, int count) {
            return new Used((memory - before.memory) / count, (micros - before.micros) / count,
                    (in - before.in) / count, (out - before.out) / count);
        }
    }

    private Used used() {
        String info = get(redis.run(commands -> commands.info("everything")));
        // Without the buffers of the connections, which come and go.
        double buffers = CLIENT_MEMORY.matcher(get(redis.run(RedisClusterAsyncCommands::clientList))).results()
                .mapToLong(found -> Long.parseLong(found.group(1))).sum();
        return new Used(number(info, "used_memory") - buffers - number(info, "mem_aof_buffer"),
                1e6 * (number(info, "used_cpu_user") + number(info, "used_cpu_sys")),
                number(info, "total_net_input_bytes"), number(info, "total_net_output_bytes"));
    }

    private static double number(String info, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":([0-9.]+)").matcher(info);
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    /** Uses Redis, and returns what each use has cost. */
    private Used measure(String what, int count, Runnable use) {
        Used before = used();
        use.run();
        Used each = used().since(before, count);
        System.out.printf(Locale.ROOT, "%-55s %8.0f bytes in memory, %6.1f µs, %6.0f bytes in, %6.0f bytes out%n",
                what, each.memory(), each.micros(), each.in(), each.out());
        return each;
    }

    private static AccountId account(int number) {
        return new AccountId("account-" + (100_000 + number));
    }

    private static List<AccountId> accounts() {
        return IntStream.range(0, ACCOUNTS).mapToObj(RedisFiguresTest::account).toList();
    }

    /** A device ID of 16 characters. */
    private static DeviceId device(AccountId account, int number) {
        return new DeviceId("dev-" + account.value().substring(8) + (100_000 + number));
    }

    private static List<DeviceId> devices(AccountId account) {
        return IntStream.range(0, DEVICES_OF_ACCOUNT).mapToObj(number -> device(account, number)).toList();
    }

    private static void run(Flux<? extends Mono<?>> uses) {
        find(uses.flatMap(use -> use, AT_ONCE).then());
    }

    private static <T> T bean(Class<T> type) {
        return GATE.context().getBean(type);
    }

    @Test
    void areThoseOfTheModel() {
        // As the documents recommend for a Redis of one's own.
        get(redis.run(commands -> commands.configSet("appendfsync", "everysec")));
        get(redis.run(commands -> commands.configSet("hash-max-listpack-entries", LISTPACK)));
        // The first use of a script sends its text.
        register(new AccountId("account-to-warm-up"));
        measureRecords();
        measureUses();
        measureUsage();
        measureChanges();
        figures.assertAll();
    }

    private void register(AccountId account) {
        find(bean(Accounts.class).create(account, "An account of the measurement"));
        find(bean(LicenseManagement.class).restore(account, new License(License.Plan.PAID, 0, clock.instant(),
                clock.instant().plus(Duration.ofDays(365)), true)));
        find(bean(Devices.class).add(account, devices(account).stream()
                .map(id -> new NewDevice(id, "Title of " + id, Optional.empty(), Optional.empty())).toList(),
                Devices.newMark()));
    }

    private void measureRecords() {
        Accounts accounts = bean(Accounts.class);
        measure("an account", ACCOUNTS, () -> run(Flux.fromIterable(accounts())
                .map(account -> accounts.create(account, "An account of the measurement"))));
        LicenseManagement licenses = bean(LicenseManagement.class);
        measure("a license", ACCOUNTS, () -> run(Flux.fromIterable(accounts()).map(account -> licenses.restore(account,
                new License(License.Plan.PAID, 0, clock.instant(), clock.instant().plus(Duration.ofDays(365)),
                        true)))));
        Devices devices = bean(Devices.class);
        Used device = measure("a device without a seat", ACCOUNTS * DEVICES_OF_ACCOUNT, () -> accounts()
                .forEach(account -> find(devices.add(account, devices(account).stream()
                        .map(id -> new NewDevice(id, "Title of " + id, Optional.empty(), Optional.empty())).toList(),
                        Devices.newMark()))));
        run(Flux.fromIterable(accounts()).map(account -> licenses.restore(account, new License(License.Plan.PAID,
                DEVICES_OF_ACCOUNT, clock.instant(), clock.instant().plus(Duration.ofDays(365)), true))));
        LicenseCheck check = check();
        Used seat = measure("a seat", ACCOUNTS * DEVICES_OF_ACCOUNT, () -> eachDevice(check));
        ApiKeys keys = bean(ApiKeys.class);
        Used key = measure("an API key for ten devices", ACCOUNTS * KEYS_OF_ACCOUNT,
                () -> run(Flux.fromIterable(accounts()).concatMapIterable(account -> IntStream
                        .range(0, KEYS_OF_ACCOUNT).mapToObj(number -> keys.create(account, "key " + number,
                                List.of(permission(account, number))))
                        .toList())));

        figures.assertThat(device.memory()).isCloseTo(RedisFigures.DEVICE_BYTES, CLOSE);
        figures.assertThat(seat.memory()).isCloseTo(RedisFigures.SEAT_BYTES, CLOSE);
        figures.assertThat(key.memory()).isCloseTo(RedisFigures.KEY_BYTES, CLOSE);
    }

    private static Permission permission(AccountId account, int number) {
        return new Permission(EnumSet.of(Action.GET, Action.PUT), IntStream.range(0, DEVICES_OF_KEY)
                .mapToObj(place -> new Permission.Resource(device(account, number * DEVICES_OF_KEY + place),
                        Optional.empty()))
                .toList());
    }

    /** One that remembers no device yet. */
    private LicenseCheck check() {
        return new LicenseCheck(redis, GATE.context().getBean("devicesOfCalls", Devices.class),
                bean(LicenseSettings.class), Clock.systemUTC());
    }

    private void eachDevice(LicenseCheck check) {
        run(Flux.fromIterable(accounts()).concatMapIterable(account -> devices(account).stream().map(
                device -> check.checkAndTakeSeats(account, List.of(device), DeviceUse.ORDINARY, Patience.READ))
                .toList()));
    }

    private void measureUses() {
        List<String> records = get(redis.run(commands -> commands.keys("postern:credential:*")));
        RecordCache cache = new RecordCache(redis, bean(CacheSettings.class));
        measure("read of a credential", records.size(), () -> run(Flux.fromIterable(records)
                .map(record -> cache.read(List.of(RecordRef.key(record)), Patience.READ))));
        LicenseCheck check = check();
        measure("check of a device that has a seat", ACCOUNTS * DEVICES_OF_ACCOUNT, () -> eachDevice(check));
    }

    private void measureUsage() {
        Used day = callsOnDays("calls with a key, on its first day", 1);
        Used months = callsOnDays("calls with a key, on each of 127 more days, per key", 127);
        Used year = callsOnDays("calls with a key, on each of 272 more days, per key", 272);
        measure("calls with a key, in a batch of 100", ACCOUNTS * KEYS_OF_ACCOUNT, this::callWithEachKey);
        measure("calls with a key, in a batch of its own", ACCOUNTS * KEYS_OF_ACCOUNT, () -> {
            for (int number = 0; number < KEYS_OF_ACCOUNT; number++) {
                int each = number;
                accounts().forEach(account -> usage.call(account, credential(account, each)));
                usage.flush();
            }
        });
        Used active = measure("active devices of an account, for a day and the month", ACCOUNTS,
                this::callManyDevices);
        clock.move(Duration.ofHours(1));
        measure("an active device, in a batch of 500", ACCOUNTS * ACTIVE, this::callManyDevices);
        clock.move(Duration.ofHours(1));
        measure("an active device, in a batch of its own", ACCOUNTS * KEYS_OF_ACCOUNT, () -> {
            for (int number = 0; number < KEYS_OF_ACCOUNT; number++) {
                int each = number;
                accounts().forEach(account -> usage.device(account, device(account, each)));
                usage.flush();
            }
        });

        figures.assertThat(day.memory() + months.memory() + year.memory())
                .isCloseTo(RedisFigures.CALLS_OF_KEY_BYTES, CLOSE);
        figures.assertThat(active.memory() / 2).isCloseTo(RedisFigures.ACTIVE_DEVICES_BYTES, CLOSE);
    }

    private void callManyDevices() {
        accounts().forEach(account -> IntStream.range(0, ACTIVE)
                .forEach(number -> usage.device(account, device(account, number))));
        usage.flush();
    }

    private void callWithEachKey() {
        for (AccountId account : accounts()) {
            for (int number = 0; number < KEYS_OF_ACCOUNT; number++) {
                usage.call(account, credential(account, number));
            }
        }
        usage.flush();
    }

    /** An ID as long as those of API keys. */
    private static CredentialId credential(AccountId account, int number) {
        return new CredentialId("key-" + account.value().substring(8) + "-of-account-" + (100 + number));
    }

    private Used callsOnDays(String what, int days) {
        return measure(what, ACCOUNTS * KEYS_OF_ACCOUNT, () -> {
            for (int day = 0; day < days; day++) {
                clock.move(Duration.ofDays(1));
                callWithEachKey();
            }
        });
    }

    private void measureChanges() {
        measure("entry of the log of changes", CHANGES, () -> run(Flux.range(0, CHANGES)
                .map(number -> redis.changes().changing(Mono.just(number), "subject-" + number))));
        measure("entry of the log, and a gate that follows it", FOLLOWED, () -> {
            for (int number = 0; number < FOLLOWED; number++) {
                find(redis.changes().changing(Mono.just(number), "subject-" + number));
            }
        });
        Devices devices = bean(Devices.class);
        List<NewDevice> more = new ArrayList<>();
        for (int number = 0; number < FOLLOWED; number++) {
            more.add(new NewDevice(new DeviceId("one-by-one-" + number), "Title", Optional.empty(),
                    Optional.empty()));
        }
        measure("registration of a device", FOLLOWED, () -> run(Flux.fromIterable(more)
                .map(device -> devices.add(account(0), List.of(device), Devices.newMark()))));
    }
}
