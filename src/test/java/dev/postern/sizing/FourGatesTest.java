package dev.postern.sizing;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.authentication.RecordCache;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.license.Devices;
import dev.postern.license.License;
import dev.postern.license.LicenseManagement;
import dev.postern.license.NewDevice;
import dev.postern.store.Gates;
import dev.postern.support.CommandCount;
import dev.postern.support.Credentials;
import dev.postern.support.KeepAlive;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestRedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Four gates on one Redis, under a mixed load, ask of Redis what the model says, within 20 %. */
@LongTest
@NeedsTheMachine
class FourGatesTest {
    private static final int ACCOUNTS = 4;
    private static final int KEYS = 400;
    private static final int DEVICES_OF_KEY = 2;
    private static final int TIME_TO_LIVE = 4;
    private static final int CALLERS = 3;
    private static final int WARM_UP = 6_000;
    private static final int CALLS = 24_000;
    private static final double CALLS_PER_SECOND = 1500;
    private static final double CHANGES_PER_SECOND = 4;
    /** One of so many changes is a change of a license. */
    private static final int LICENSE_EVERY = 4;
    private static final Percentage CLOSE = Percentage.withPercentage(20);
    private static final License LICENSE = new License(License.Plan.PAID, KEYS * DEVICES_OF_KEY,
            Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2126-01-01T00:00:00Z"), true);

    private static final SloppyBackend BACKEND = new SloppyBackend((line, _) -> line.ok("{\"errno\":0}"));
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final List<TestGate> GATES = IntStream.range(0, 4).mapToObj(_ -> TestGate.start(REDIS.properties(
            "postern.secret-keys.file=" + REDIS.directory() + "/secret-keys.json", "postern.license.enabled=true",
            "postern.backend=" + BACKEND.address(), "postern.cache.time-to-live=" + TIME_TO_LIVE + "s",
            "postern.license.remember-for=" + TIME_TO_LIVE + "s"))).toList();

    private final List<String> keys = new ArrayList<>();

    @AfterAll
    static void close() {
        GATES.forEach(TestGate::close);
        REDIS.close();
        BACKEND.close();
    }

    private static <T> T bean(int gate, Class<T> type) {
        return GATES.get(gate).context().getBean(type);
    }

    private static AccountId account(int key) {
        return new AccountId("account-" + key % ACCOUNTS);
    }

    private static String device(int key, int number) {
        return "device-" + key + "-" + number;
    }

    private static List<Permission> permissions(int key) {
        return List.of(new Permission(EnumSet.of(Action.GET), IntStream.range(0, DEVICES_OF_KEY)
                .mapToObj(number -> new Permission.Resource(new DeviceId(device(key, number)), Optional.empty()))
                .toList()));
    }

    private void fill() {
        for (int account = 0; account < ACCOUNTS; account++) {
            find(bean(0, Accounts.class).create(account(account), "An account"));
            find(bean(0, LicenseManagement.class).restore(account(account), LICENSE));
            int first = account;
            find(bean(0, Devices.class).add(account(account), IntStream.range(0, KEYS)
                    .filter(key -> key % ACCOUNTS == first)
                    .mapToObj(key -> IntStream.range(0, DEVICES_OF_KEY).mapToObj(number -> new NewDevice(
                            new DeviceId(device(key, number)), "A device", Optional.empty(), Optional.empty())))
                    .flatMap(each -> each).toList(), Devices.newMark()));
        }
        ApiKeys apiKeys = bean(0, ApiKeys.class);
        keys.addAll(get(Flux.range(0, KEYS).flatMapSequential(
                key -> apiKeys.create(account(key), "key " + key, permissions(key)), 16)
                .map(made -> Credentials.created(made).orElseThrow().secret().secret()).collectList()));
    }

    /** What was counted so far. */
    private record Counts(double seconds, double loads, double misses, double checks, double keyCounts,
            double entries, double reads, double beats, double looks) {
        static Counts now() {
            TestGate gate = GATES.getFirst();
            double entries = Double.parseDouble(
                    get(gate.redis().run(commands -> commands.hget("postern:{changes}:head", "count"))));
            return new Counts(System.nanoTime() / 1e9,
                    GATES.stream().mapToLong(each -> each.context().getBean(RecordCache.class).loads()).sum(),
                    GATES.stream().mapToLong(each -> each.context().getBean(RecordCache.class).misses()).sum(),
                    // Only the script of the check counts the devices of an account.
                    CommandCount.of(gate, "zcard"),
                    // The other ones count entries of the log of changes.
                    CommandCount.of(gate, "hincrby") - entries, entries, CommandCount.of(gate, "xread"),
                    // Only heartbeats ask for the time, and only looks at the head read several fields.
                    CommandCount.of(gate, "time"), CommandCount.of(gate, "hmget"));
        }
    }

    @Test
    void askOfRedisWhatTheModelSays() throws Exception {
        fill();
        GATES.forEach(TestGate::awaitLive);
        Random random = new Random(7);
        run(random, WARM_UP);

        Counts before = Counts.now();
        Made made = run(random, CALLS);
        Counts after = Counts.now();

        double seconds = after.seconds() - before.seconds();
        Demand model = Demand.of(load(made, seconds), GATES.size());
        SoftAssertions figures = new SoftAssertions();
        check(figures, "reads of credentials", after.loads() - before.loads(), model.records().loads() * seconds);
        // The call looks once more when it begins to read.
        check(figures, "calls that wait for a credential", (after.misses() - before.misses()) / 2,
                model.records().waiting() * seconds);
        check(figures, "checks of devices", after.checks() - before.checks(), model.seats().loads() * seconds);
        check(figures, "counts of calls with a key", after.keyCounts() - before.keyCounts(),
                model.keyCounts() * seconds);
        check(figures, "entries of the log", after.entries() - before.entries(), model.log().entries() * seconds);
        check(figures, "replies with entries, or none", after.reads() - before.reads(),
                model.log().reads() * seconds);
        check(figures, "heartbeats", after.beats() - before.beats(), model.log().beats() * seconds);
        check(figures, "looks at the head of the log", after.looks() - before.looks(),
                model.log().looks() * seconds);
        figures.assertAll();
        // Each gate has read each entry.
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(get(bean(0, Gates.class).list()))
                .hasSize(GATES.size()).allSatisfy(gate -> assertThat(gate.lag()).isZero()));
    }

    private static void check(SoftAssertions figures, String what, double counted, double predicted) {
        System.out.printf(Locale.ROOT, "%-35s %8.0f, predicted %8.0f, %+5.1f %%%n", what, counted, predicted,
                100 * (predicted / counted - 1));
        figures.assertThat(predicted).as(what).isCloseTo(counted, CLOSE);
    }

    private static Deployment load(Made made, double seconds) {
        return new Deployment(CALLS / seconds, KEYS * DEVICES_OF_KEY, KEYS, ACCOUNTS, 1, false,
                made.keyChanges() / seconds, made.seatChanges() / seconds, 0, 0, 2, 0, TIME_TO_LIVE,
                TIME_TO_LIVE, Integer.MAX_VALUE, Integer.MAX_VALUE, 0.0005, 0, 0);
    }

    /** Changes that were made during the calls. */
    private record Made(int keyChanges, int seatChanges) {}

    private Made run(Random random, int calls) throws InterruptedException {
        List<Thread> callers = new ArrayList<>();
        long start = System.nanoTime();
        for (int caller = 0; caller < CALLERS; caller++) {
            Random own = new Random(random.nextLong());
            callers.add(Thread.ofPlatform().name("caller-" + caller)
                    .start(() -> call(own, calls / CALLERS, start)));
        }
        Random own = new Random(random.nextLong());
        int keyChanges = 0;
        int seatChanges = 0;
        double next = -Math.log(1 - own.nextDouble()) / CHANGES_PER_SECOND;
        while (callers.stream().anyMatch(Thread::isAlive)) {
            if (System.nanoTime() - start < next * 1e9) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                continue;
            }
            next -= Math.log(1 - own.nextDouble()) / CHANGES_PER_SECOND;
            int gate = own.nextInt(GATES.size());
            int key = own.nextInt(KEYS);
            if ((keyChanges + seatChanges) % LICENSE_EVERY == 0) {
                find(bean(gate, LicenseManagement.class).restore(account(key), LICENSE));
                seatChanges++;
            } else {
                find(bean(gate, ApiKeys.class).overwrite(account(key), new PresentedCredential(keys.get(key)),
                        "key " + own.nextInt(), permissions(key)));
                keyChanges++;
            }
        }
        for (Thread caller : callers) {
            caller.join();
        }
        return new Made(keyChanges, seatChanges);
    }

    private void call(Random random, int calls, long start) {
        Popularity.Sampler popular = Popularity.zipf(KEYS, 1).sampler(random);
        List<KeepAlive> connections = GATES.stream().map(KeepAlive::new).toList();
        for (int call = 0; call < calls; call++) {
            LockSupport.parkNanos(start + (long) (call * CALLERS / CALLS_PER_SECOND * 1e9) - System.nanoTime());
            int key = popular.next();
            assertThat(connections.get(random.nextInt(GATES.size())).call(keys.get(key), "GET",
                    "/devices/" + device(key, random.nextInt(DEVICES_OF_KEY))).status()).isEqualTo(200);
        }
        connections.forEach(KeepAlive::close);
    }
}
