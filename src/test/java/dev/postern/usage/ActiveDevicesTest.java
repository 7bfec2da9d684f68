package dev.postern.usage;

import static dev.postern.store.TestRedis.LIMIT;
import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.Relay;
import dev.postern.store.TestRedis;
import dev.postern.support.AtOnce;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class ActiveDevicesTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final LocalDate LAST_OF_OCTOBER = LocalDate.parse("2026-10-31");
    private static final LocalDate FIRST_OF_NOVEMBER = LocalDate.parse("2026-11-01");

    @TempDir
    private static Path folder;
    private static TestRedis redis;

    private final MovableClock clock = MovableClock.at(Instant.parse("2026-10-31T23:59:59Z"), ZoneOffset.ofHours(8));
    private final List<ActiveDevices> gates = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        redis = TestRedis.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void clear() {
        redis.clear();
    }

    @AfterEach
    void closeGates() {
        gates.forEach(ActiveDevices::close);
    }

    @Test
    void countsADeviceOncePerDayAndMonth() {
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp", "door", "lamp");
        note(gate, ACME, "lamp");
        flush(gate);
        pass(Duration.ofSeconds(1));
        note(gate, ACME, "lamp", "car", "bike");
        flush(gate);
        pass(Duration.ofDays(1));
        note(gate, ACME, "lamp", "bike");
        flush(gate);

        Usage usage = usage(gate, ACME, LAST_OF_OCTOBER, FIRST_OF_NOVEMBER.plusDays(1));

        assertThat(usage.days()).extracting(day -> day.day() + " " + day.activeDevices())
                .containsExactly("2026-10-31 2", "2026-11-01 3", "2026-11-02 2");
        assertThat(usage.months()).extracting(month -> month.month() + " " + month.activeDevices())
                .containsExactly("2026-10 2", "2026-11 3");
        assertThat(usage.activeDevices()).isEqualTo(4);
    }

    @Test
    void countsForTheDayOfTheCallRatherThanTheWrite() {
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp");
        pass(Duration.ofSeconds(1));
        note(gate, ACME, "door");
        flush(gate);
        note(gate, ACME, "lamp");
        flush(gate);

        Usage usage = usage(gate, ACME, LAST_OF_OCTOBER, FIRST_OF_NOVEMBER);

        assertThat(usage.days()).extracting(Usage.Day::activeDevices).containsExactly(1L, 2L);
        assertThat(usage.months()).extracting(Usage.Month::activeDevices).containsExactly(1L, 2L);
    }

    @Test
    void keepsAccountsApart() {
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp");
        note(gate, OTHER, "lamp", "door");
        flush(gate);

        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(1);
        assertThat(usage(gate, OTHER, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(2);
        assertThat(usage(gate, new AccountId("none"), LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isZero();
    }

    @Test
    void countsADeviceAtSeveralGatesOnce() {
        ActiveDevices first = gate();
        ActiveDevices second = gate();
        note(first, ACME, "lamp", "door");
        note(second, ACME, "lamp", "car");
        flush(first);
        flush(second);

        assertThat(usage(first, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(3);
        assertThat(usage(second, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER))
                .isEqualTo(usage(first, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER));
    }

    @Test
    void writesADeviceOncePerHour() {
        clock.set(Instant.parse("2026-10-31T10:00:00Z"));
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp");
        note(gate, ACME, "lamp");
        assertThat(gate.pending()).isEqualTo(1);
        flush(gate);

        pass(Duration.ofMinutes(59));
        note(gate, ACME, "lamp");
        assertThat(gate.pending()).isZero();

        redis.clear();
        pass(Duration.ofMinutes(1));
        note(gate, ACME, "lamp");
        flush(gate);
        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices())
                .as("what Redis lost comes back").isEqualTo(1);
    }

    @Test
    void dropsAndCountsDevicesWithoutRoom() {
        ActiveDevices gate = gate(new ActiveDevices.Bounds(3, 64));
        note(gate, ACME, "a", "b", "c", "d", "e");
        note(gate, ACME, "a", "b", "c");

        assertThat(gate.pending()).isEqualTo(3);
        assertThat(gate.dropped()).isEqualTo(2);
        flush(gate);
        assertThat(gate.pending()).isZero();

        note(gate, ACME, "a", "b", "c", "d", "e");
        assertThat(gate.pending()).as("those that were dropped are not taken for written").isEqualTo(2);
        flush(gate);
        assertThat(gate.dropped()).isEqualTo(2);
        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(5);
    }

    @Test
    void keepsDevicesUntilRedisAcceptsThem() {
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp");
        note(gate, OTHER, "lamp", "door");
        redis.run(commands -> commands.configSet("maxmemory", "1"));
        try {
            flush(gate);
            flush(gate);
            assertThat(gate.pending()).isEqualTo(3);
            pass(Duration.ofDays(1));
            note(gate, ACME, "car");
        } finally {
            redis.run(commands -> commands.configSet("maxmemory", "0"));
        }
        flush(gate);

        assertThat(gate.pending()).isZero();
        assertThat(gate.dropped()).isZero();
        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, FIRST_OF_NOVEMBER).days())
                .extracting(Usage.Day::activeDevices).containsExactly(1L, 1L);
        assertThat(usage(gate, OTHER, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(2);
    }

    @Test
    void countsOtherAccountsIfAKeyHasAnotherType() {
        redis.run(commands -> commands.hset("postern:{acme}:active:d:2026-10-31", "not", "a count"));
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp", "door");
        note(gate, OTHER, "lamp");

        flush(gate);

        assertThat(gate.pending()).isZero();
        assertThat(gate.dropped()).isEqualTo(2);
        assertThat(usage(gate, OTHER, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(1);
    }

    @Test
    void countsManyDevicesApproximately() {
        ActiveDevices gate = gate();
        List<DeviceId> devices = IntStream.range(0, 100_000).mapToObj(i -> new DeviceId("meter-" + i)).toList();
        gate.note(ACME, devices);
        assertThat(gate.pending()).isEqualTo(100_000);
        flush(gate);
        assertThat(gate.pending()).isZero();
        gate.note(ACME, devices);

        assertThat(gate.pending()).as("they are known to be written").isLessThan(1_000);
        assertThat(gate.dropped()).isZero();
        Usage usage = usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER);
        assertThat(usage.activeDevices()).isCloseTo(100_000, within(3_000L));
        assertThat(usage.months().getFirst().activeDevices()).isEqualTo(usage.activeDevices());
    }

    @Test
    void losesNoDeviceThatIsNotedDuringAWrite() throws Exception {
        ActiveDevices gate = gate();
        int threads = 4;
        List<AccountId> accounts = IntStream.range(0, 200).mapToObj(i -> new AccountId("account-" + i)).toList();
        AtomicInteger noting = new AtomicInteger(threads);
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            // Some of the devices are noted by each thread, some by all of them.
            List<DeviceId> devices = devices(thread + "-a", thread + "-b", thread + "-c", "all-a", "all-b");
            List<AccountId> shuffled = new ArrayList<>(accounts);
            Collections.shuffle(shuffled, new Random(thread));
            tasks.add(() -> {
                shuffled.forEach(account -> devices.forEach(device -> gate.note(account, List.of(device))));
                return noting.decrementAndGet() >= 0;
            });
        }
        for (int i = 0; i < 2; i++) {
            tasks.add(() -> {
                while (noting.get() > 0) {
                    flush(gate);
                }
                return true;
            });
        }
        AtOnce.run(tasks);
        flush(gate);

        assertThat(gate.pending()).isZero();
        assertThat(gate.dropped()).isZero();
        for (AccountId account : accounts) {
            assertThat(usage(gate, account, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices())
                    .isEqualTo(3L * threads + 2);
        }
    }

    @Test
    void countsWholeAndPartialMonths() {
        ActiveDevices gate = gate();
        LocalDate first = LocalDate.parse("2025-12-15");
        for (int day = 0; day < 100; day++) {
            clock.set(first.plusDays(day).atTime(12, 0).toInstant(ZoneOffset.UTC));
            note(gate, ACME, "always", "on-day-" + day);
            flush(gate);
        }

        for (LocalDate from : List.of(first, LocalDate.parse("2026-01-01"), LocalDate.parse("2026-01-02"))) {
            for (LocalDate to : List.of(LocalDate.parse("2026-01-31"), LocalDate.parse("2026-02-27"),
                    LocalDate.parse("2026-02-28"), LocalDate.parse("2026-03-01"))) {
                long days = ChronoUnit.DAYS.between(from, to) + 1;
                Usage usage = usage(gate, ACME, from, to);
                assertThat(usage.days()).hasSize((int) days).allMatch(day -> day.activeDevices() == 2);
                assertThat(usage.activeDevices()).as(from + " to " + to).isCloseTo(days + 1, within(1L));
            }
        }
    }

    @Test
    void answersForAtMost400DaysInOrder() {
        ActiveDevices gate = gate();

        Usage longest = usage(gate, ACME, LAST_OF_OCTOBER.minusDays(399), LAST_OF_OCTOBER);

        assertThat(longest.days()).hasSize(400).isSortedAccordingTo((a, b) -> a.day().compareTo(b.day()));
        assertThat(longest.months()).extracting(month -> month.month().toString())
                .startsWith("2025-09", "2025-10").endsWith("2026-09", "2026-10").hasSize(14);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gate.usage(ACME, LAST_OF_OCTOBER.minusDays(400), LAST_OF_OCTOBER))
                .withMessage("from and to span more than 400 days");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gate.usage(ACME, FIRST_OF_NOVEMBER, LAST_OF_OCTOBER))
                .withMessage("from is after to");
    }

    @Test
    void keepsDaysFor400DaysAndMonthsForFiveYears() {
        ActiveDevices gate = gate();
        note(gate, ACME, "lamp");
        flush(gate);

        // The log of changes begins whenever its follower looks for it.
        assertThat(keys("*")).filteredOn(key -> !key.startsWith("postern:{changes}")).containsExactlyInAnyOrder(
                "postern:{acme}:active:d:2026-10-31", "postern:{acme}:active:m:2026-10");
        assertThat(Duration.ofSeconds(redis.run(commands -> commands.ttl("postern:{acme}:active:d:2026-10-31"))))
                .isBetween(Duration.ofDays(399), Duration.ofDays(400));
        assertThat(Duration.ofSeconds(redis.run(commands -> commands.ttl("postern:{acme}:active:m:2026-10"))))
                .isBetween(Duration.ofDays(5 * 365 - 1), Duration.ofDays(5 * 365));
    }

    @Test
    void forgetsAnAccountAndStartsOver() {
        ActiveDevices gate = gate();
        note(gate, OTHER, "lamp");
        Stream.of("2021-10-31T12:00:00Z", "2025-09-26T12:00:00Z", "2025-09-27T12:00:00Z", "2026-10-30T12:00:00Z",
                "2026-10-31T12:00:00Z").map(Instant::parse).forEach(time -> {
                    clock.set(time);
                    note(gate, ACME, "lamp", "door");
                    flush(gate);
                });
        note(gate, ACME, "car");

        assertThat(find(gate.delete(ACME))).isEmpty();

        assertThat(gate.pending()).isZero();
        // The first day ended long ago, so the key of that day would have expired.
        assertThat(keys("postern:{acme}:*"))
                .containsExactly("postern:{acme}:active:d:2021-10-31");
        note(gate, ACME, "lamp");
        note(gate, OTHER, "lamp");
        flush(gate);
        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(1);
        assertThat(usage(gate, OTHER, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(1);
    }

    @Test
    void doesNotMarkForgottenDevicesAsWritten() throws Exception {
        try (Relay relay = redis.relay()) {
            ActiveDevices gate = new ActiveDevices(relay.store(), clock, ActiveDevices.Bounds.DEFAULT);
            gates.add(gate);
            note(gate, ACME, "lamp");
            relay.hold("PFADD");
            CompletableFuture<?> writing = gate.flush().toFuture();
            relay.awaitHeld();
            CompletableFuture<?> forgetting = gate.delete(ACME).toFuture();
            relay.release();
            CompletableFuture.allOf(writing, forgetting).get(LIMIT.toSeconds(), TimeUnit.SECONDS);

            note(gate, ACME, "lamp");
            flush(gate);

            assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(1);
        }
    }

    @Test
    void writesPeriodicallyAndOnceMoreWhenItStops() {
        ActiveDevices gate = gate();
        gate.start();
        note(gate, ACME, "lamp");
        await().atMost(LIMIT).until(() -> gate.pending() == 0);
        note(gate, ACME, "door");
        gate.stop();

        assertThat(gate.pending()).isZero();
        assertThat(usage(gate, ACME, LAST_OF_OCTOBER, LAST_OF_OCTOBER).activeDevices()).isEqualTo(2);
    }

    private ActiveDevices gate() {
        return gate(ActiveDevices.Bounds.DEFAULT);
    }

    private ActiveDevices gate(ActiveDevices.Bounds bounds) {
        ActiveDevices gate = new ActiveDevices(redis.store(), clock, bounds);
        gates.add(gate);
        return gate;
    }

    private void pass(Duration time) {
        clock.move(time);
    }

    private static void note(ActiveDevices gate, AccountId account, String... devices) {
        gate.note(account, devices(devices));
    }

    private static List<DeviceId> devices(String... ids) {
        return Stream.of(ids).map(DeviceId::new).toList();
    }

    private static void flush(ActiveDevices gate) {
        assertThat(find(gate.flush())).isEmpty();
    }

    private static List<String> keys(String pattern) {
        return redis.run(commands -> commands.keys(pattern));
    }

    private static Usage usage(ActiveDevices gate, AccountId account, LocalDate from, LocalDate to) {
        return get(gate.usage(account, from, to));
    }
}
