package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * A request that goes down the chain arrives behind a call on the lane, so it waits until that call is answered. The rest
 * of its body arrives byte by byte, after its own answer. The connection must remain usable wherever the body was cut.
 */
@OwnsItsGate
class WaitingBodyTest {
    private static final int LIMIT_MILLIS = 20_000;
    private static final long BETWEEN_BYTES_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final String BODY = "5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n";

    private static final SloppyBackend BACKEND = new SloppyBackend((line, _) -> line.ok("fine"));
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.express.enabled=true", "postern.express.response-header=true");

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    @Test
    void isReadToItsEndWhereverItWasCut() throws IOException {
        String head = " /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + GATE.newCustomer().masterKey()
                + "\r\n";
        String first = "GET" + head + "\r\n";
        String second = "GET" + head + "Transfer-Encoding: chunked\r\n\r\n";
        for (int cut = 0; cut <= BODY.length(); cut++) {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
                client.setTcpNoDelay(true);
                client.setSoTimeout(LIMIT_MILLIS);
                InputStream in = new BufferedInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream();
                write(out, first + second + BODY.substring(0, cut));
                assertAnswered(in, "express", "first call, cut at " + cut);
                assertAnswered(in, "chain", "second call, cut at " + cut);
                for (int i = cut; i < BODY.length(); i++) {
                    LockSupport.parkNanos(BETWEEN_BYTES_NANOS);
                    write(out, BODY.substring(i, i + 1));
                }
                write(out, first);
                assertAnswered(in, "express", "third call, cut at " + cut);
            }
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertAnswered(InputStream in, String lane, String which) throws IOException {
        Reply reply = RawHttp.read(in, true);
        assertThat(reply.status()).as(which).isEqualTo(200);
        assertThat(reply.header("X-Postern-Lane")).as(which).isEqualTo(lane);
    }
}
