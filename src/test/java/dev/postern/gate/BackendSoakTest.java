package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LongTest;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Fifty accounts share a few connections to a backend that misbehaves at random, in all ways that are known of
 * backends. Each caller gets the answer to its own request, or a refusal if the backend sends none; nobody gets an
 * answer that was meant for another caller.
 */
@LongTest
@OwnsItsGate
@Order(4)
class BackendSoakTest {
    private static final int CALLS = 20_000;
    private static final int ACCOUNTS = 50;
    private static final int CALLERS = 20;
    private static final long SEED = 20261127;

    /** How the backend misbehaves, if at all. The weight of a constant is its share of the requests, in percent. */
    private enum Misdeed {
        NONE(60),
        EARLY_HINTS(5),
        MANY_INTERIM(2),
        SWITCH_PROTOCOLS(1),
        RESPONSE_BEHIND(4),
        HALF_A_RESPONSE_BEHIND(4),
        BYTES_BEHIND(
                2),
        BODY_WITH_204(2),
        BODY_WITH_304(2),
        BODY_WITH_HEAD(3),
        NO_HTTP(1),
        TWO_LENGTHS(
                1),
        BAD_CHUNK(1),
        LONG_HEAD(1),
        CUT_OFF(2),
        CLOSE_AFTER(3),
        CLOSE_BEFORE(3),
        RESET(1),
        IN_PIECES(2);

        private final int weight;

        Misdeed(int weight) {
            this.weight = weight;
        }

        static Misdeed any(Random random) {
            int at = random.nextInt(100);
            for (Misdeed misdeed : values()) {
                at -= misdeed.weight;
                if (at < 0) {
                    return misdeed;
                }
            }
            return NONE;
        }
    }

    private final AtomicInteger answered = new AtomicInteger();

    private void answer(SloppyBackend.Line line, Received request) throws IOException {
        Random random = new Random(SEED + answered.incrementAndGet());
        String id = request.header("X-Call") + "/" + request.header("X-Postern-Account");
        String head = "HTTP/1.1 200 OK\r\nX-Call: " + id + "\r\n";
        String body = request.method().equals("HEAD") ? "" : id;
        String length = "Content-Length: " + id.length() + "\r\n\r\n";
        String whole = random.nextBoolean()
                ? head + length + body
                : head + "Transfer-Encoding: chunked\r\n\r\n"
                        + (body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
        String poison = "HTTP/1.1 200 OK\r\nX-Call: poison\r\nContent-Length: 6\r\n\r\npoison";
        switch (Misdeed.any(random)) {
            case NONE -> line.write(whole);
            case EARLY_HINTS -> {
                line.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                LockSupport.parkNanos(random.nextInt(3_000_000));
                line.write(whole);
            }
            case MANY_INTERIM -> line.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(20) + whole);
            case SWITCH_PROTOCOLS -> line.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + whole);
            case RESPONSE_BEHIND -> line.write(whole + poison);
            case HALF_A_RESPONSE_BEHIND -> line.write(whole + poison.substring(0, 1 + random.nextInt(40)));
            case BYTES_BEHIND -> line.write(whole + "\r\n");
            case BODY_WITH_204 -> line.write("HTTP/1.1 204 No Content\r\nX-Call: " + id + "\r\n\r\n" + poison);
            case BODY_WITH_304 -> line
                    .write("HTTP/1.1 304 Not Modified\r\nX-Call: " + id + "\r\nContent-Length: 6\r\n\r\npoison");
            case BODY_WITH_HEAD -> line.write(head + length + id);
            case NO_HTTP -> line.write("SSH-2.0-OpenSSH_9.2\r\n");
            case TWO_LENGTHS -> line.write(head + "Content-Length: 1\r\n" + length + body);
            case BAD_CHUNK -> line.write(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body);
            case LONG_HEAD -> line.write(head + "X-Long: " + "x".repeat(40_000) + "\r\n" + length + body);
            case CUT_OFF -> {
                line.write(whole.substring(0, random.nextInt(whole.length())));
                line.close();
            }
            case CLOSE_AFTER -> {
                line.write(whole);
                line.close();
            }
            case CLOSE_BEFORE -> line.close();
            case RESET -> line.reset();
            case IN_PIECES -> {
                int cut = 1 + random.nextInt(whole.length() - 1);
                line.write(whole.substring(0, cut));
                LockSupport.parkNanos(500_000);
                line.write(whole.substring(cut));
            }
        }
    }

    @Test
    void givesEachCallerOnlyAnswersToItsOwnCalls() throws InterruptedException {
        try (SloppyBackend backend = new SloppyBackend(this::answer);
                TestGate gate = TestGate.start("postern.backend=" + backend.address(),
                        "postern.forwarding.max-connections=8", "postern.forwarding.pending-timeout=20s",
                        "postern.forwarding.response-timeout=20s")) {
            List<Customer> accounts = new ArrayList<>();
            for (int i = 0; i < ACCOUNTS; i++) {
                accounts.add(gate.newCustomer());
            }
            Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
            List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
            CountDownLatch done = new CountDownLatch(CALLERS);
            for (int caller = 0; caller < CALLERS; caller++) {
                int number = caller;
                Thread.ofVirtual().start(() -> {
                    try {
                        new Caller(gate, accounts, number, statuses, wrong).run();
                    } finally {
                        done.countDown();
                    }
                });
            }
            assertThat(done.await(5, TimeUnit.MINUTES)).isTrue();

            Map<Integer, Integer> sorted = new TreeMap<>(statuses);
            System.out.println("soak: " + sorted + ", " + backend.connections() + " connections");
            assertThat(wrong).isEmpty();
            assertThat(sorted.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(CALLS / CALLERS * CALLERS);
            assertThat(sorted.keySet()).isSubsetOf(-1, 200, 204, 304, 502);
            assertThat(sorted.get(200)).isGreaterThan(CALLS * 3 / 4);
            assertThat(sorted.getOrDefault(502, 0)).isPositive();
        }
    }

    /** Makes one call after another, each for a random account. */
    private static final class Caller {
        private static final String[] METHODS = {"GET", "GET", "GET", "HEAD", "PUT", "DELETE"};
        private final TestGate gate;
        private final List<Customer> accounts;
        private final int number;
        private final Map<Integer, Integer> statuses;
        private final List<String> wrong;
        private final Random random;

        Caller(TestGate gate, List<Customer> accounts, int number, Map<Integer, Integer> statuses,
                List<String> wrong) {
            this.gate = gate;
            this.accounts = accounts;
            this.number = number;
            this.statuses = statuses;
            this.wrong = wrong;
            this.random = new Random(SEED + number);
        }

        void run() {
            Socket socket = null;
            InputStream in = InputStream.nullInputStream();
            for (int call = 0; call < CALLS / CALLERS; call++) {
                Customer account = accounts.get(random.nextInt(ACCOUNTS));
                String method = METHODS[random.nextInt(METHODS.length)];
                String id = number + "-" + call;
                try {
                    if (socket == null) {
                        socket = new Socket(InetAddress.getLoopbackAddress(), gate.port());
                        socket.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
                        in = new BufferedInputStream(socket.getInputStream());
                    }
                    socket.getOutputStream().write((method + " /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: "
                            + account.masterKey() + "\r\nX-Call: " + id + "\r\n"
                            + (method.equals("PUT") ? "Content-Length: 2\r\n\r\n{}" : "\r\n"))
                            .getBytes(StandardCharsets.US_ASCII));
                    RawHttp.Reply reply = RawHttp.read(in, !method.equals("HEAD"));
                    check(id + "/" + account.account(), reply);
                    if (reply.header("Connection").equalsIgnoreCase("close")) {
                        socket.close();
                        socket = null;
                    }
                } catch (IOException brokenOff) {
                    // Half an answer cannot be taken back: the gate closes the connection.
                    statuses.merge(-1, 1, Integer::sum);
                    socket = null;
                }
            }
        }

        private void check(String id, RawHttp.Reply reply) {
            statuses.merge(reply.status(), 1, Integer::sum);
            if (reply.status() == 502) {
                return;
            }
            boolean ours = reply.header("X-Call").equals(id)
                    && (reply.body().length == 0 || reply.text().equals(id));
            if (!ours) {
                wrong.add(id + " got " + reply.status() + " " + reply.headers() + " " + reply.text());
            }
        }
    }
}
