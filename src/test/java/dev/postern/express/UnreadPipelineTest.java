package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A client that sends many requests and does not read their responses. */
@OwnsItsGate
class UnreadPipelineTest {
    private static final int PIPELINED = 2_000;
    /** A response of this size fits into one read. A larger one is held back while the gate passes it on. */
    private static final int SIZE = 20_000;
    private static final int WINDOW = 2048;

    @Test
    void startsNoMoreCallsForAClientThatDoesNotRead() throws Exception {
        AtomicInteger received = new AtomicInteger();
        String body = "x".repeat(SIZE);
        try (SloppyBackend backend = new SloppyBackend((line, _) -> {
            received.incrementAndGet();
            line.write("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n"
                    + body);
        }); TestGate gate = TestGate.start("postern.backend=" + backend.address()); Socket client = new Socket()) {
            client.setReceiveBufferSize(WINDOW);
            client.setSoTimeout(60_000);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gate.port()));
            client.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: "
                    + gate.newCustomer().masterKey() + "\r\n\r\n").repeat(PIPELINED)
                    .getBytes(StandardCharsets.US_ASCII));

            AtomicInteger before = new AtomicInteger(-1);
            await().pollInterval(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60))
                    .until(() -> before.getAndSet(received.get()) == received.get() && received.get() > 0);
            assertThat(received.get()).as("calls at the backend").isLessThan(PIPELINED / 2);

            InputStream in = new BufferedInputStream(client.getInputStream());
            // The chain closes the connection after a response if too many requests wait.
            for (int i = 0; TestGate.usesExpressLane() ? i < PIPELINED : !isAtEnd(in); i++) {
                assertThat(RawHttp.read(in, true).text()).as("response " + i).hasSize(SIZE);
            }
        }
    }

    private static boolean isAtEnd(InputStream in) throws IOException {
        in.mark(1);
        boolean ended = in.read() < 0;
        in.reset();
        return ended;
    }
}
