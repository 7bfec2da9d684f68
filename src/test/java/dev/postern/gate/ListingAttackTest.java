package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.KeepAlive;
import dev.postern.support.LargeKeys;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.Standstills;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** An account with many large API keys lists them again and again; the calls of other accounts must not notice. */
@Timeout(240)
@LongTest
@NeedsTheMachine
class ListingAttackTest {
    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private static final int LARGE_KEYS = 50;
    private static final int LISTINGS = 4;
    private static final int FRESH_KEYS = 300;
    private static final int ATTEMPTS = 4;
    /** The limit is never below this: three times a quiet run may be less than the delays of the machine itself. */
    private static final Duration FLOOR = Duration.ofMillis(12);

    /** The default: if Redis takes longer, the gate answers the call with 503. */
    private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(100);

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger listed = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    @AfterAll
    static void stop() {
        BACKEND.disposeNow();
    }

    @Test
    void doesNotDelayTheCallsOfOtherAccounts() {
        try (Standstills standstills = new Standstills();
                TestGate gate = TestGate.start("postern.backend=http://127.0.0.1:" + BACKEND.port(),
                        "postern.accounts.max-stored-bytes=64MB",
                        "postern.store.command-timeout=" + COMMAND_TIMEOUT.toMillis() + "ms")) {
            Customer attacker = TestGate.patiently(gate::newCustomer);
            LargeKeys.make(attacker, LARGE_KEYS);
            Customer other = TestGate.patiently(gate::newCustomer);
            String known = TestGate.patiently(() -> other.newKey(permission("lamp")));
            gate.awaitRemembered(known, "GET", "/devices/lamp", 200);
            // These runs are not counted. After them, the same code is compiled in the quiet runs and in those under
            // attack.
            measure(gate, known, freshKeys(other), standstills);
            attack(gate, attacker, known, freshKeys(other), standstills);
            wrong.clear();
            listed.set(0);

            Duration quiet = Duration.ZERO;
            Duration attacked = Duration.ZERO;
            for (int i = 0; i < ATTEMPTS; i++) {
                quiet = measure(gate, known, freshKeys(other), standstills);
                attacked = attack(gate, attacker, known, freshKeys(other), standstills);
                System.out.printf("a listing of 50 large keys, 4 at a time: p99 of other calls %.1f ms quiet, %.1f ms"
                        + " meanwhile; %d listed, %d refused, wrong answers %s%n", quiet.toNanos() / 1e6,
                        attacked.toNanos() / 1e6, listed.get(), refused.get(), wrong.stream().distinct().toList());
                assertThat(wrong.stream().distinct().toList()).isEmpty();
                if (isWithin(attacked, quiet)) {
                    break;
                }
            }
            assertThat(listed).as("listings that were answered").hasPositiveValue();
            assertThat(attacked).as("p99 while one account lists; %s without", quiet)
                    .isLessThanOrEqualTo(longest(quiet));
        }
    }

    private static boolean isWithin(Duration attacked, Duration quiet) {
        return attacked.compareTo(longest(quiet)) <= 0;
    }

    private static Duration longest(Duration quiet) {
        Duration three = quiet.multipliedBy(3);
        return three.compareTo(FLOOR) > 0 ? three : FLOOR;
    }

    /** API keys that no call has used yet. */
    private static List<String> freshKeys(Customer other) {
        return IntStream.range(0, FRESH_KEYS)
                .mapToObj(_ -> TestGate.patiently(() -> other.newKey(permission("lamp")))).toList();
    }

    private static String permission(String device) {
        return "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]";
    }

    /** Measures while somebody lists. */
    private Duration attack(TestGate gate, Customer attacker, String known, List<String> fresh,
            Standstills standstills) {
        AtomicBoolean stopped = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < LISTINGS; i++) {
            threads.add(Thread.ofPlatform().daemon().name("attacker").start(() -> {
                while (!stopped.get()) {
                    Reply reply = gate.call(attacker.masterKey(), "GET", "/keys?title=zzz");
                    (reply.json().required("errno").intValue() == 0 ? listed : refused).incrementAndGet();
                }
            }));
        }
        try {
            return measure(gate, known, fresh, standstills);
        } finally {
            stopped.set(true);
            threads.forEach(thread -> {
                try {
                    thread.join(Duration.ofSeconds(30));
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /**
     * The worse of two 99th percentiles: that of calls whose key the gate remembers, and that of calls whose key it
     * does not.
     */
    private Duration measure(TestGate gate, String known, List<String> fresh, Standstills standstills) {
        AtomicBoolean stopped = new AtomicBoolean();
        List<Duration> remembered = new ArrayList<>();
        Thread steady = Thread.ofPlatform().daemon().name("steady").start(() -> {
            try (KeepAlive connection = new KeepAlive(gate)) {
                while (!stopped.get()) {
                    remembered.add(call(connection, known, standstills));
                    LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
                }
            }
        });
        List<Duration> asked = new ArrayList<>();
        try (KeepAlive connection = new KeepAlive(gate)) {
            for (String key : fresh) {
                asked.add(call(connection, key, standstills));
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        } finally {
            stopped.set(true);
            join(steady);
        }
        assertThat(remembered).hasSizeGreaterThan(100);
        Duration one = p99(remembered);
        Duration other = p99(asked);
        return one.compareTo(other) > 0 ? one : other;
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration call(KeepAlive connection, String key, Standstills standstills) {
        long began = System.nanoTime();
        Reply reply = connection.call(key, "GET", "/devices/lamp");
        long ended = System.nanoTime();
        Duration took = standstills.without(began, ended);
        // If the machine itself stood still for longer than Redis may take, the gate can only answer with 503.
        boolean isExcused = reply.status() == 503 && took.compareTo(COMMAND_TIMEOUT.dividedBy(2)) < 0;
        if (reply.status() != 200 && !isExcused) {
            wrong.add(reply.status() + " " + reply.text().replaceAll("\"request_id.*", ""));
        }
        return took;
    }

    private static Duration p99(List<Duration> durations) {
        List<Duration> sorted = durations.stream().sorted().toList();
        return sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1);
    }
}
