package dev.postern.license;

import static dev.postern.store.TestRedis.find;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.TestRedis;
import dev.postern.support.Cable;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestRedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which licenses the metrics show. */
@OwnsItsGate
class LicenseWatchTest {
    @TempDir
    static Path folder = Path.of("");
    private static TestRedis redis;
    private static final int ACCOUNTS = 20;

    private Fleet fleet;
    private Fleet.Gate gate;

    @BeforeAll
    static void start() {
        redis = TestRedis.start(folder);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @BeforeEach
    void clear() {
        redis.clear();
        fleet = new Fleet(redis.secretKeys());
        gate = fleet.gate(redis.store());
    }

    @Test
    void reportsAnAccountFromNineTenthsOfItsSeatsUntilItHasMore() {
        AccountId account = gate.open("growing");
        gate.pay(account, 10);
        for (int i = 1; i <= 8; i++) {
            gate.add(account, "device-" + i);
        }
        look();
        assertThat(gate.watch().near()).isEmpty();

        gate.add(account, "device-9");
        look();
        assertThat(gate.watch().near()).containsExactly(new LicenseWatch.Near(account, 10, 9, 0));

        gate.pay(account, 20);
        look();
        assertThat(gate.watch().near()).isEmpty();
    }

    @Test
    void reportsTheSameAtANewlyStartedGate() {
        AccountId account = gate.open("full");
        gate.add(account, "one", "two", "three", "four");
        look();

        Fleet.Gate other = fleet.gate(redis.store());
        find(other.watch().look());

        assertThat(other.watch().near()).containsExactly(new LicenseWatch.Near(account, 3, 3, 1));
    }

    @Test
    void reportsUpToFiftyAccountsMostWaitingDevicesFirst() {
        for (int i = 0; i < LicenseWatch.MAX_REPORTED + 5; i++) {
            AccountId account = gate.open("account-" + i);
            gate.add(account, i + "-a", i + "-b", i + "-c", i + "-d");
        }
        gate.add(new AccountId("account-7"), "7-e", "7-f");
        AtomicInteger told = new AtomicInteger();
        gate.watch().listen(near -> told.set(near.size()));

        look();

        assertThat(gate.watch().near()).hasSize(LicenseWatch.MAX_REPORTED);
        assertThat(gate.watch().near().getFirst())
                .isEqualTo(new LicenseWatch.Near(new AccountId("account-7"), 3, 3, 3));
        assertThat(told).hasValue(LicenseWatch.MAX_REPORTED);
    }

    @Test
    void countsTheLicensesThatExpireWithinThirtyDays() {
        AccountId early = gate.open("early");
        gate.add(early, "one");
        fleet.pass(Duration.ofDays(100));
        AccountId late = gate.open("late");
        gate.add(late, "two");
        look();
        assertThat(gate.watch().expiring()).isZero();

        fleet.pass(Duration.ofDays(240));
        look();
        assertThat(gate.watch().expiring()).isEqualTo(1);

        fleet.pass(Duration.ofDays(100));
        look();
        assertThat(gate.watch().expiring()).as("the early one has ended, the late one is about to").isEqualTo(1);
    }

    @Test
    void forgetsADeletedAccount() {
        AccountId account = gate.open("short-lived");
        gate.add(account, "one", "two", "three", "four");
        look();
        assertThat(gate.watch().near()).hasSize(1);

        find(gate.accounts().delete(account));
        look();

        assertThat(gate.watch().near()).isEmpty();
        List<String> keys = redis.run(commands -> commands.keys("*short-lived*"));
        assertThat(keys).isEmpty();
        List<String> owned = redis.run(commands -> commands.hkeys(DeviceOwners.key(new DeviceId("one"))));
        assertThat(owned).isEmpty();
    }

    @Test
    void losesNoChangeDuringAnOutage() {
        try (TestRedisServer server = new TestRedisServer();
                Cable cable = new Cable(server.port());
                TestRedis.Client client = TestRedis.connect(cable.port())) {
            Fleet.Gate cabled = fleet.gate(client.store());
            for (int i = 0; i < ACCOUNTS; i++) {
                AccountId account = cabled.open("account-" + i);
                cabled.add(account, i + "-a", i + "-b", i + "-c", i + "-d");
            }

            cable.cutAt("postern:licenses-until");
            assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> find(cabled.watch().look()));
            cable.mend();
            await().atMost(TestRedis.LIMIT).until(client.store()::isConnected);
            find(cabled.watch().look());

            assertThat(cabled.watch().near()).hasSize(ACCOUNTS);
        }
    }

    private void look() {
        find(gate.watch().look());
    }
}
