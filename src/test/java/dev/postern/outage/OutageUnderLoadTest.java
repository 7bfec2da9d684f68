package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.StoreState;
import dev.postern.support.CommandCount;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.Standstills;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import dev.postern.support.Timeline;
import dev.postern.support.Timeline.Call;
import dev.postern.support.Timeline.Question;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** What callers notice when Redis dies, or stands still, under load. */
@Timeout(180)
@LongTest
@NeedsTheMachine
class OutageUnderLoadTest {
    private static final DisposableServer BACKEND = HttpServer.create().host("127.0.0.1").port(0)
            .handle((_, response) -> response.sendString(Mono.just("{}"))).bindNow();
    private static final Duration READ_GRACE = Duration.ofSeconds(8);
    private static final Duration WRITE_GRACE = Duration.ofSeconds(4);
    private static final Duration LIVE_AGAIN_WITHIN = Duration.ofSeconds(3);
    /**
     * The longest that any call may take while Redis stands still, without the time in which the machine stood still.
     */
    private static final Duration LONGEST = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int KEYS = 50;

    @AfterAll
    static void stop() {
        BACKEND.disposeNow();
    }

    @Test
    void clientsDoNotNoticeAShortOutageOrItsEnd() {
        try (Standstills standstills = new Standstills();
                TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=http://127.0.0.1:" + BACKEND.port(),
                        "postern.license.enabled=true",
                        "postern.outage.read-grace=" + READ_GRACE.toMillis() + "ms",
                        "postern.outage.write-grace=" + WRITE_GRACE.toMillis() + "ms"))) {
            Customer customer = gate.newCustomer();
            assertThat(customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":" + KEYS + "}").status())
                    .isEqualTo(200);
            List<Question> reads = new ArrayList<>();
            List<Question> writes = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                String device = customer.account() + "-lamp-" + i;
                customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"one of many\"}");
                String key = customer.newKey(all(device));
                reads.add(new Question(key, "GET", "/devices/" + device));
                writes.add(new Question(key, "PUT", "/devices/" + device));
            }
            String fresh = customer.newKey(all(customer.account() + "-lamp-0"));
            String revoked = customer.newKey(all(customer.account() + "-lamp-1"));
            Question ended = new Question(revoked, "GET", "/devices/" + customer.account() + "-lamp-1");
            awaitStatus(gate, ended, 200);
            reads.forEach(read -> awaitStatus(gate, read, 200));

            try (Timeline load = new Timeline(gate, List.of(reads, reversed(reads), writes),
                    Duration.ofMillis(1));
                    Timeline endedLoad = new Timeline(gate, List.of(List.of(ended)),
                            Duration.ofMillis(5))) {
                pause(Duration.ofSeconds(1));
                assertThat(customer.keys("DELETE", "/keys/" + revoked, "").required("errno").intValue()).isZero();
                long revokedAt = System.nanoTime();
                // Records in the same stripe of the ChangeView as the revoked key have to be read again.
                reads.forEach(read -> awaitRemembered(gate, read));
                redis.signal("KILL");
                long killed = System.nanoTime();
                redis.stop();
                // The grace period begins when the gate last heard from Redis, which is a little before the end of
                // Redis.
                long heard = System.nanoTime() - gate.redis().changes().view().staleness().toNanos();
                assertThat(status(gate, new Question(fresh, "GET", reads.getFirst().target()))).as("a new credential")
                        .isEqualTo(503);
                await().atMost(LIMIT).until(() -> load.calls().stream()
                        .anyMatch(call -> call.question().isRead() && call.status() != 200));
                pause(Duration.ofSeconds(1));
                List<Call> outage = load.calls();

                long starting = System.nanoTime();
                redis.start();
                redis.awaitLoaded();
                long back = System.nanoTime();
                long live = awaitLive(gate);
                pause(Duration.ofSeconds(1).minusNanos(live - back));
                long commands = CommandCount.of(gate, "get") + CommandCount.of(gate, "evalsha")
                        + CommandCount.of(gate, "eval");
                List<Call> first = during(load, back, System.nanoTime());
                reads.forEach(read -> awaitStatus(gate, read, 200));

                System.out.printf(
                        "killed under load: %d reads and %d writes in the grace, live %.0f ms after Redis was back,"
                                + " %d commands for %d calls in the first second%n",
                        during(outage, heard, READ_GRACE, Question::isRead).size(),
                        during(outage, heard, WRITE_GRACE, question -> !question.isRead()).size(),
                        (live - back) / 1e6, commands, first.size());
                assertThat(standstills.without(back, live)).isLessThan(LIVE_AGAIN_WITHIN);
                assertThat(load.calls()).as("any other answer").allMatch(call -> call.status() == 200
                        || call.isOutage());
                assertThat(during(outage, heard, READ_GRACE, Question::isRead))
                        .hasSizeGreaterThan(100)
                        .as("reads in the grace").allMatch(call -> call.status() == 200);
                assertThat(during(outage, heard, WRITE_GRACE, question -> !question.isRead()))
                        .hasSizeGreaterThan(100).as("writes in the grace").allMatch(call -> call.status() == 200);
                assertThat(outage).as("after the grace").filteredOn(call -> call.began() - killed > (call.question()
                        .isRead() ? READ_GRACE : WRITE_GRACE).plusMillis(200).toNanos()).isNotEmpty()
                        .allMatch(Call::isOutage);
                assertThat(endedLoad.calls()).filteredOn(call -> call.began() > revokedAt).as("a revoked key")
                        .isNotEmpty().allMatch(call -> call.status() == 401 || call.isOutage());
                // For each key, two records and a seat are read once, by up to three callers at a time. Each call that
                // comes before the gate is sure reads them, too, however long the gate needs to be sure.
                assertThat(commands).as("commands in the first second")
                        .isLessThan(3L * (3 * KEYS + during(load, starting, live).size()));
            }
        }
    }

    @Test
    void aHangingRedisDelaysNobody() {
        Duration stall = Duration.ofSeconds(20);
        try (Standstills standstills = new Standstills();
                TestRedisServer redis = new TestRedisServer();
                TestGate gate = TestGate.start(redis.properties("postern.backend=http://127.0.0.1:" + BACKEND.port(),
                        "postern.store.command-timeout=100ms"))) {
            Customer customer = TestGate.patiently(gate::newCustomer);
            String[] devices = new String[KEYS];
            // Active devices are counted by a HyperLogLog, which may count two names as one. These names are the same
            // in each run, and all of them are counted.
            Arrays.setAll(devices, i -> "lamp-" + i);
            String key = TestGate.patiently(() -> customer.newKey(all(devices)));
            List<Question> known = new ArrayList<>();
            for (String device : devices) {
                known.add(new Question(key, "GET", "/devices/" + device));
            }
            List<Question> unknown = new ArrayList<>();
            for (String device : devices) {
                unknown.add(new Question(TestGate.patiently(() -> customer.newKey(all(device))), "GET",
                        "/devices/" + device));
            }
            awaitStatus(gate, known.getFirst(), 200);
            awaitActive(customer, 1);
            awaitRemembered(gate, known.getFirst());

            try (Timeline load = new Timeline(gate, List.of(known, reversed(known)), Duration.ofMillis(2))) {
                redis.signal("STOP");
                long stopped = System.nanoTime();
                // These calls begin only now: a key that was used before would be remembered.
                try (Timeline strangers = new Timeline(gate, List.of(unknown), Duration.ofMillis(10))) {
                    long back;
                    try {
                        pause(stall);
                    } finally {
                        back = System.nanoTime();
                        redis.signal("CONT");
                    }
                    long live = awaitLive(gate);
                    pause(Duration.ofSeconds(1));

                    List<Duration> served = served(load, standstills);
                    List<Duration> servedStrangers = served(strangers, standstills);
                    System.out.printf(
                            "standing still for %d s: %d calls, the longest %d ms; of unknown keys %d, %d ms%n",
                            stall.toSeconds(), during(load, stopped, back).size(), served.getLast().toMillis(),
                            during(strangers, stopped, back).size(), servedStrangers.getLast().toMillis());
                    assertThat(standstills.without(back, live)).isLessThan(LIVE_AGAIN_WITHIN);
                    assertThat(load.calls()).as("what is remembered").allMatch(call -> call.status() == 200);
                    assertThat(served.getLast()).isLessThan(LONGEST);
                    assertThat(servedStrangers.getLast()).isLessThan(LONGEST);
                    assertThat(strangers.calls()).as("what is not").allMatch(call -> call.status() == 200
                            || call.isOutage());
                    assertThat(strangers.calls()).filteredOn(call -> call.ended() - back < 0).isNotEmpty()
                            .allMatch(Call::isOutage).as("not all at the same time").extracting(Call::retryAfter)
                            .contains("1", "2", "3");
                }
            }
            awaitActive(customer, KEYS);
        }
    }

    private static String all(String... devices) {
        StringBuilder permissions = new StringBuilder();
        for (String device : devices) {
            permissions.append(permissions.isEmpty() ? "" : ",").append("{\"dev_id\":\"").append(device).append("\"}");
        }
        return "[{\"access_methods\":[\"get\",\"put\"],\"resources\":[" + permissions + "]}]";
    }

    private static List<Question> reversed(List<Question> questions) {
        return questions.reversed();
    }

    private static int status(TestGate gate, Question question) {
        return gate.call(question.credential(), question.method(), question.target()).status();
    }

    private static void awaitStatus(TestGate gate, Question question, int status) {
        await().atMost(LIMIT).until(() -> status(gate, question) == status);
    }

    /** Devices that were counted while Redis was away are written when it is back. */
    private static void awaitActive(Customer customer, int devices) {
        String today = LocalDate.now(ZoneOffset.UTC).minusDays(1).toString();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(customer.manage("GET", "/usage?from=" + today, "").json()
                .required("active_devices").intValue()).isEqualTo(devices));
    }

    private static List<Call> during(Timeline load, long from, long to) {
        return load.calls().stream().filter(call -> call.began() - from >= 0 && call.began() - to < 0).toList();
    }

    private static List<Call> during(List<Call> calls, long from, Duration length, Predicate<Question> which) {
        return calls.stream().filter(call -> which.test(call.question()) && call.began() - from >= 0
                && call.ended() - from < length.toNanos()).toList();
    }

    /** How long the calls took, the shortest first, without the time in which the machine stood still. */
    private static List<Duration> served(Timeline load, Standstills standstills) {
        return load.calls().stream().map(call -> standstills.without(call.began(), call.ended())).sorted().toList();
    }

    /** Waits until the gate is sure of all changes again, and returns the time. */
    private static long awaitLive(TestGate gate) {
        await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5))
                .until(() -> gate.redis().changes().view().state() == StoreState.LIVE
                        && gate.redis().management().isConnected());
        return System.nanoTime();
    }

    private static void awaitRemembered(TestGate gate, Question question) {
        gate.awaitRemembered(question.credential(), question.method(), question.target(), 200);
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
