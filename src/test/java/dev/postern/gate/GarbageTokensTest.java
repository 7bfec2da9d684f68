package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.CommandCount;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.Thoroughness;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Encrypted tokens that nobody can have made are refused before Redis is asked, and before any cryptography with a
 * private key.
 */
@NeedsTheMachine
class GarbageTokensTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final int FLOOD = 2000;
    private static final int ROUNDS = Thoroughness.pick(8, 20);
    private static final int MOST_ROUNDS = 100;

    @Test
    void costNoRedisCommand() {
        // A heartbeat of the gate may fall into a round, so one round without a command is enough. Each round has key
        // IDs of its own.
        assertThat(IntStream.range(10, 20).mapToLong(GarbageTokensTest::commandsOfARound).filter(count -> count == 0)
                .findFirst()).as("a round without a command").isPresent();
    }

    private static long commandsOfARound(int round) {
        String kid = "AAAAAAAAAAAAAAAAAAAA" + round;
        long before = CommandCount.of(GATE);
        for (String token : List.of(
                garbage("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"made-up-" + round + "\"}", 342),
                garbage("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"" + kid + "\"}", 342),
                garbage("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}", 342),
                garbage("{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\",\"kid\":\"" + kid + "\"}", 342),
                garbage("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"" + kid + "\"}", 5000))) {
            assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "Authorization: Bearer " + token).reason())
                    .isEqualTo("credential_invalid");
        }
        return CommandCount.of(GATE) - before;
    }

    /**
     * Compares the processor time of the gate's threads for equally many calls of both kinds. The best of some rounds
     * counts, and there are more rounds if the garbage does not cost less yet: the other work of the machine must not
     * decide the result.
     */
    @Test
    void costLessThanUnknownPaths() throws IOException {
        String token = garbage("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
                342);
        byte[] garbage = request("/devices/lamp", "Authorization: Bearer " + token);
        // Its header is just as long, because the gate has to read the header in both kinds of calls.
        byte[] notThere = request("/no/such/path", "Authorization: Bearer " + "x".repeat(token.length()));
        long best = Long.MAX_VALUE;
        long bestNotThere = Long.MAX_VALUE;

        for (int round = 0; round < ROUNDS || (best >= bestNotThere && round < MOST_ROUNDS); round++) {
            bestNotThere = Math.min(bestNotThere, cost(notThere, "HTTP/1.1 404"));
            best = Math.min(best, cost(garbage, "HTTP/1.1 401"));
            System.out.printf("round %d: garbage token %.1f us, unknown path %.1f us of processor time each%n", round,
                    best / 1000.0 / FLOOD, bestNotThere / 1000.0 / FLOOD);
        }

        assertThat(best).as("nanoseconds for %d, beside those for as many unknown paths", FLOOD)
                .isLessThan(bestNotThere);
    }

    private static long cost(byte[] request, String statusLine) throws IOException {
        Map<Long, Long> before = nanosOfThreads();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < FLOOD; i++) {
                out.write(request);
                out.flush();
                assertThat(RawHttp.line(in)).startsWith(statusLine);
                skipReply(in);
            }
        }
        // A thread of a gate that an earlier test has closed may end meanwhile.
        return nanosOfThreads().entrySet().stream()
                .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L)).sum();
    }

    private static void skipReply(InputStream in) throws IOException {
        int length = 0;
        for (String line = RawHttp.line(in); !line.isEmpty(); line = RawHttp.line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        in.skipNBytes(length);
    }

    /** The processor time of each thread that lives, by its ID. */
    private static Map<Long, Long> nanosOfThreads() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<Long, Long> nanos = new HashMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            long spent = thread == null ? -1 : threads.getThreadCpuTime(thread.getThreadId());
            if (spent >= 0 && thread.getThreadName().startsWith("postern-")) {
                nanos.put(thread.getThreadId(), spent);
            }
        }
        return nanos;
    }

    private static byte[] request(String target, String header) {
        return ("GET " + target + " HTTP/1.1\r\nHost: gate.test\r\n" + header + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String garbage(String header, int keyLength) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.US_ASCII)) + "."
                + "A".repeat(keyLength) + "." + "A".repeat(16) + "." + "A".repeat(100) + "." + "A".repeat(22);
    }
}
