package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Nobody gets bytes after the end of a response that the gate has not read when the response is complete: they are
 * still in the socket while the connection is already free for the next request.
 */
@BothLanes
@OwnsItsGate
class UnreadResponsesTest {
    private static final int CALLERS = 32;
    private static final int CALLS = 50;
    /** How many bytes a new connection takes in its first read. */
    private static final int FIRST_READ = 2048;
    private static final String POISON = "HTTP/1.1 200 OK\r\nX-Call: poison\r\nContent-Length: 6\r\n\r\npoison";

    @Test
    void deliversNothingThatFollowsInTheNextRead() throws InterruptedException {
        try (SloppyBackend backend = new SloppyBackend((line, request) -> line
                .write(line.requests() > 1 ? filling(request) : filling(request) + POISON));
                TestGate gate = TestGate.start("postern.backend=" + backend.address())) {
            List<String> keys = List.of(gate.newCustomer().masterKey(), gate.newCustomer().masterKey());
            ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
            CountDownLatch done = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                Thread.ofVirtual().start(() -> {
                    call(gate, keys.get(caller % 2), 100 + caller, wrong);
                    done.countDown();
                });
            }

            assertThat(done.await(2, TimeUnit.MINUTES)).isTrue();
            assertThat(wrong).isEmpty();
        }
    }

    private static String filling(Received request) {
        String head = "HTTP/1.1 200 OK\r\nX-Call: " + request.header("X-Call") + "\r\nContent-Length: ";
        int body = FIRST_READ - head.length() - "1234\r\n\r\n".length();
        return head + body + "\r\n\r\n" + "x".repeat(body);
    }

    /** Sends the calls of one client, and notes each response that does not belong to its call. */
    private static void call(TestGate gate, String key, int caller, ConcurrentLinkedQueue<String> wrong) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
            socket.setSoTimeout(60_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < CALLS; i++) {
                String id = caller + "-" + (10 + i);
                socket.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                        + "\r\nX-Call: " + id + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                RawHttp.Reply reply = RawHttp.read(in, true);
                if (reply.status() == 200 && !reply.header("X-Call").equals(id)) {
                    wrong.add(id + " got that of " + reply.header("X-Call"));
                }
            }
        } catch (IOException failed) {
            wrong.add(failed.toString());
        }
    }
}
