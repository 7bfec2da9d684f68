package dev.postern.license;

import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.store.SecretKeys;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.TestRedis;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.TestRedisServer;
import dev.postern.support.Thoroughness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Four gates on one Redis, 256 first calls at once, 100 seats: 100 devices get one, whichever gate or Redis dies
 * meanwhile.
 */
@OwnsItsGate
@Order(2)
class SeatExactnessTest {
    private static final int GATES = 4;
    private static final int CALLS = 256;
    private static final int SEATS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path folder = Path.of("");
    private static TestRedisServer server;
    private static Fleet fleet;

    @BeforeAll
    static void start() {
        server = new TestRedisServer();
        fleet = new Fleet(SecretKeys.load(folder.resolve("secret-keys.json"), true));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static IntStream seeds() {
        return IntStream.range(0, Thoroughness.pick(8, 100));
    }

    /** What dies in the middle of the calls. */
    private enum Death {
        NOBODY, A_GATE, REDIS;

        static Death of(int seed) {
            return seed % 4 == 1 ? A_GATE : seed % 4 == 3 ? REDIS : NOBODY;
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void assignsEverySeatOnceWhateverCrashes(int seed) throws InterruptedException {
        Random random = new Random(seed);
        List<TestRedis.Client> clients = new ArrayList<>();
        List<Fleet.Gate> gates = new ArrayList<>();
        try {
            for (int i = 0; i < GATES; i++) {
                clients.add(TestRedis.connect(server.port()));
                gates.add(fleet.gate(clients.getLast().store()));
            }
            AccountId account = gates.getFirst().open("seed-" + seed);
            List<String> devices = register(gates.getFirst(), account, seed);
            gates.getFirst().pay(account, SEATS);
            Collections.shuffle(devices, random);

            Death death = Death.of(seed);
            int deadly = 20 + random.nextInt(CALLS - 40);
            AtomicInteger begun = new AtomicInteger();
            List<Thread> dying = new CopyOnWriteArrayList<>();
            List<String> again = Collections.synchronizedList(new ArrayList<>());
            List<String> allowed = Collections.synchronizedList(new ArrayList<>());
            Flux.fromIterable(devices).flatMap(device -> {
                int number = begun.incrementAndGet();
                int gate = random.nextInt(GATES);
                Mono<Optional<DenyReason>> call = gates.get(gate).calling(account, device);
                if (number == deadly && death == Death.A_GATE) {
                    // On a thread of its own, so that the calls are under way when the gate or Redis dies.
                    dying.add(Thread.ofVirtual().start(() -> clients.get(gate).die()));
                } else if (number == deadly && death == Death.REDIS) {
                    dying.add(Thread.ofVirtual().start(server::crash));
                }
                return call.doOnNext(refused -> {
                    if (refused.isEmpty()) {
                        allowed.add(device);
                    } else {
                        assertThat(refused).contains(DenyReason.DEVICE_OVER_QUOTA);
                    }
                }).onErrorResume(StoreUnavailableException.class, _ -> {
                    again.add(device);
                    return Mono.empty();
                });
            }, CALLS).blockLast(LIMIT);
            // The calls may be over before the gate is dead, or before Redis is dead and back.
            for (Thread one : dying) {
                assertThat(one.join(LIMIT)).isTrue();
            }

            Fleet.Gate survivor = survivor(gates, clients, death);
            assertThat(survivor.seated(account)).as("while the calls that broke off are not repeated")
                    .hasSizeLessThanOrEqualTo(SEATS).containsAll(allowed);
            // Each device whose call met an outage calls again. After that, no seat is left.
            for (String device : again) {
                if (get(survivor.calling(account, device).retryWhen(patiently())).isEmpty()) {
                    allowed.add(device);
                }
            }
            assertThat(survivor.seated(account)).hasSize(SEATS).containsAll(allowed);
            if (death == Death.NOBODY) {
                assertThat(allowed).hasSize(SEATS);
                assertThat(again).isEmpty();
            }
            assertThat(Replay.of(survivor.entries(account))).isEqualTo(survivor.seated(account));
            assertThat(survivor.license(account).used()).isEqualTo(SEATS);
            assertThat(survivor.license(account).waiting()).isEqualTo(CALLS - SEATS);
        } finally {
            TestRedis.Client.closeAll(clients);
        }
    }

    /**
     * Adds more devices than the license will have seats. None of them gets a seat, because the license has none yet.
     */
    private static List<String> register(Fleet.Gate gate, AccountId account, int seed) {
        gate.pay(account, 0);
        List<String> devices = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            devices.add("seed-" + seed + "-device-" + i);
        }
        List<AddDeviceOutcome> outcomes = get(gate.devices().add(account,
                devices.stream().map(id -> NewDevice.untitled(new DeviceId(id))).toList(), Devices.newMark()));
        assertThat(outcomes).containsOnly(AddDeviceOutcome.ADDED);
        assertThat(gate.seated(account)).isEmpty();
        return devices;
    }

    private static Fleet.Gate survivor(List<Fleet.Gate> gates, List<TestRedis.Client> clients, Death death) {
        if (death == Death.A_GATE) {
            clients.add(TestRedis.connect(server.port()));
            gates.add(fleet.gate(clients.getLast().store()));
        }
        Fleet.Gate survivor = gates.getLast();
        // After a crash it takes a moment until the connections are back.
        get(survivor.ledger().before(new AccountId("nobody"), Optional.empty(), 1).retryWhen(patiently()));
        return survivor;
    }

    private static Retry patiently() {
        return Retry.fixedDelay(200, Duration.ofMillis(50)).filter(StoreUnavailableException.class::isInstance);
    }
}
