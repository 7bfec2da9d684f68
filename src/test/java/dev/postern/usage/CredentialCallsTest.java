package dev.postern.usage;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.access.OldSecret;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.account.AccountRecord;
import dev.postern.credential.CredentialUse;
import dev.postern.store.TestRedis;
import dev.postern.support.AtOnce;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OwnsItsGate
class CredentialCallsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final LocalDate OCTOBER = LocalDate.parse("2026-10-31");
    private static final LocalDate NOVEMBER = LocalDate.parse("2026-11-01");

    @TempDir
    private static Path folder;
    private static TestRedis redis;

    private final MovableClock clock = MovableClock.at(Instant.parse("2026-10-31T23:59:58Z"));
    private final List<CredentialCalls> gates = new ArrayList<>();
    private CredentialUsage usage;
    private CredentialUse use;

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
        redis.run(commands -> commands.set(AccountRecord.key(ACME), "an account"));
        usage = new CredentialUsage(redis.store());
        use = new CredentialUse(redis.store(), clock);
    }

    @AfterEach
    void closeGates() {
        gates.forEach(CredentialCalls::close);
    }

    private CredentialCalls gate(String id, int max) {
        CredentialCalls gate = new CredentialCalls(redis.store(), clock, id, max);
        gates.add(gate);
        return gate;
    }

    private static Principal principal(String id) {
        return Principal.listed(ACME, new CredentialId(id), Permissions.everything(), Limits.NONE);
    }

    private static List<String> keys(String pattern) {
        return redis.run(commands -> commands.keys(pattern));
    }

    private List<Long> days(String id, LocalDate from, LocalDate to) {
        return get(usage.days(ACME, id, from, to)).stream().map(CredentialUsage.Day::calls).toList();
    }

    @Test
    void addsTheCallsAtSeveralGatesExactly() throws Exception {
        CredentialCalls one = gate("one", 100);
        CredentialCalls other = gate("other", 100);
        for (int round = 0; round < 3; round++) {
            List<Callable<Boolean>> callers = IntStream.range(0, 4).<Callable<Boolean>>mapToObj(caller -> () -> {
                for (int i = 0; i < 1000; i++) {
                    (caller % 2 == 0 ? one : other).note(principal("key"), List.of());
                    if (i == 500) {
                        find((caller % 2 == 0 ? one : other).flush());
                    }
                }
                return true;
            }).toList();
            assertThat(AtOnce.run(callers)).containsOnly(true);
            find(one.flush());
            find(other.flush());
        }

        assertThat(days("key", OCTOBER, OCTOBER)).containsExactly(12_000L);
        assertThat(one.pending() + other.pending()).isZero();
        assertThat(one.dropped() + other.dropped()).isZero();
    }

    @Test
    void countsForTheDayOfTheCallRatherThanTheWrite() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        gate.note(principal("key"), List.of());
        clock.move(Duration.ofSeconds(3));
        gate.note(principal("key"), List.of());
        find(gate.flush());
        gate.note(principal("key"), List.of());
        find(gate.flush());

        assertThat(days("key", OCTOBER, NOVEMBER)).containsExactly(2L, 2L);
        assertThat(get(usage.lastUsed(ACME, List.of("key", "other"))))
                .isEqualTo(Map.of("key", Instant.parse("2026-11-01T00:00:01Z")));
        assertThat(get(usage.lastUsed(ACME))).containsOnlyKeys("key");
    }

    @Test
    void countsOnlyCredentialsOfLists() {
        CredentialCalls gate = gate("one", 100);
        gate.note(new Principal(ACME, new CredentialId("master"), Permissions.everything()), List.of());
        find(gate.flush());

        assertThat(keys("postern:{acme}:credential*")).isEmpty();
    }

    /** The reply to the first try was lost. */
    @Test
    void doesNotCountABatchTwice() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        find(gate.flush());
        CredentialCalls repeated = gate("one", 100);
        repeated.note(principal("key"), List.of());
        find(repeated.flush());

        assertThat(days("key", OCTOBER, OCTOBER)).containsExactly(1L);
        assertThat(repeated.pending()).isZero();
    }

    @Test
    void lastUseNeverGoesBack() {
        CredentialCalls ahead = new CredentialCalls(redis.store(), MovableClock.at(clock.instant().plusSeconds(30)),
                "ahead", 100);
        gates.add(ahead);
        ahead.note(principal("key"), List.of());
        find(ahead.flush());
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        find(gate.flush());

        assertThat(get(usage.lastUsed(ACME))).containsValue(clock.instant().plusSeconds(30));
    }

    @Test
    void dropsWhatIsBeyondItsLimitAndSaysSo() {
        CredentialCalls gate = gate("one", 2);
        for (String id : List.of("a", "b", "c", "c", "a")) {
            gate.note(principal(id), List.of());
        }
        find(gate.flush());

        assertThat(gate.dropped()).isEqualTo(2);
        assertThat(days("a", OCTOBER, OCTOBER)).containsExactly(2L);
        assertThat(days("c", OCTOBER, OCTOBER)).containsExactly(0L);
    }

    @Test
    void writesMoreThanOneBatchAtATime() {
        CredentialCalls gate = gate("one", 1000);
        IntStream.range(0, 450).forEach(i -> gate.note(principal("key-" + i), List.of()));
        find(gate.flush());

        assertThat(get(usage.lastUsed(ACME))).hasSize(450);
        assertThat(gate.pending()).isZero();
    }

    @Test
    void writesNothingMoreAboutADeletedCredential() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        gate.note(principal("other"), List.of());
        find(gate.flush());
        gate.note(principal("key"), List.of());
        find(use.forget(ACME, "key", Optional.empty()));
        find(gate.flush());

        assertThat(get(usage.lastUsed(ACME))).containsOnlyKeys("other");
        assertThat(keys("postern:{acme}:credential-calls:*"))
                .containsExactly("postern:{acme}:credential-calls:other");
    }

    @Test
    void writesNothingAboutADeletedAccount() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        redis.run(commands -> commands.del(AccountRecord.key(ACME)));
        find(gate.flush());

        assertThat(keys("postern:{acme}:*")).isEmpty();
        assertThat(gate.pending()).isZero();
    }

    @Test
    void deletesWhatIsLeftOfAnAccount() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        find(gate.flush());
        find(use.delete(ACME));
        redis.run(commands -> commands.del(use.keys(ACME).toArray(String[]::new)));
        redis.run(commands -> commands.del(gate.keys(ACME).toArray(String[]::new)));

        assertThat(keys("postern:{acme}:*")).containsExactly(AccountRecord.key(ACME));
    }

    @Test
    void forgetsDaysThatAreTooOld() {
        CredentialCalls gate = gate("one", 100);
        gate.note(principal("key"), List.of());
        find(gate.flush());
        for (int i = 0; i < 4; i++) {
            clock.move(Duration.ofDays(134));
            gate.note(principal("key"), List.of());
            find(gate.flush());
        }

        assertThat(kept(CredentialUse.calls(ACME, "key"))).isEqualTo(3);
    }

    private static long kept(String key) {
        return redis.run(commands -> commands.hlen(key));
    }

    /** After midnight, Redis must not look through all days of all credentials. */
    @Test
    void forgetsTheDaysOfACredentialInDailyUseOnceThereAreMany() {
        CredentialCalls gate = gate("one", 100);
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        String key = CredentialUse.calls(ACME, "key");
        Map<String, String> days = new HashMap<>();
        today.minusDays(430).datesUntil(today).forEach(day -> days.put(day.toString(), "1"));
        redis.run(commands -> commands.hset(key, days));

        gate.note(principal("key"), List.of());
        find(gate.flush());
        assertThat(kept(key)).isEqualTo(431);

        for (int day = 1; day <= 2; day++) {
            clock.move(Duration.ofDays(1));
            gate.note(principal("key"), List.of());
            find(gate.flush());
        }
        assertThat(kept(key)).isEqualTo(401);
    }

    @Test
    void removesCountersThatAreIdle() {
        CredentialCalls gate = gate("one", 1);
        gate.note(principal("a"), List.of());
        find(gate.flush());
        for (int i = 0; i < 35; i++) {
            find(gate.flush());
        }
        gate.note(principal("b"), List.of());
        find(gate.flush());

        assertThat(gate.dropped()).isZero();
        assertThat(get(usage.lastUsed(ACME))).containsOnlyKeys("a", "b");
    }

    @Test
    void listsTheLatestThousandDevicesOnAnOldSecretAndCountsAll() {
        OldSecret old = new OldSecret(clock.instant().minusSeconds(10), clock.instant().plusSeconds(60));
        CredentialCalls one = gate("one", 10_000);
        CredentialCalls other = gate("other", 10_000);
        for (int i = 0; i < 1500; i++) {
            (i % 2 == 0 ? one : other).note(principal("key").on(Optional.of(old)),
                    List.of(new DeviceId("device-" + i), new DeviceId("device-" + i)));
        }
        find(one.flush());
        find(other.flush());
        clock.move(Duration.ofSeconds(1));
        one.note(principal("key").on(Optional.of(old)), List.of(new DeviceId("late")));
        one.note(principal("key"), List.of(new DeviceId("moved-on")));
        find(one.flush());

        CredentialUsage.OnOldSecret found = get(usage.onOldSecret(ACME, "key", old));
        assertThat(found.latest()).hasSize(1000).containsKey(new DeviceId("late"));
        assertThat(found.latest().keySet().iterator().next()).isEqualTo(new DeviceId("late"));
        assertThat(found.count()).isBetween(1450L, 1550L);
        assertThat(one.pending()).isZero();
        OldSecret another = new OldSecret(clock.instant(), clock.instant().plusSeconds(60));
        assertThat(get(usage.onOldSecret(ACME, "key", another)).count()).as("of another rotation").isZero();

        find(use.forget(ACME, "key", Optional.of(old)));
        assertThat(keys("postern:{acme}:old-secret*")).isEmpty();
        one.note(principal("key").on(Optional.of(old)), List.of(new DeviceId("late")));
        find(one.flush());
        assertThat(keys("postern:{acme}:old-secret*")).isEmpty();
    }

    @Test
    void readsAtMostSoManyDaysInTheirOrder() {
        assertThatIllegalArgumentException().isThrownBy(() -> usage.days(ACME, "key", NOVEMBER, OCTOBER))
                .withMessage("from is after to");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> usage.days(ACME, "key", NOVEMBER.minusDays(400), NOVEMBER))
                .withMessage("from and to span more than 400 days");
        assertThat(days("key", NOVEMBER.minusDays(399), NOVEMBER)).hasSize(400);
    }
}
