package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.TestGate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A backend that begins to respond while the request is still being sent. */
@BothLanes
@OwnsItsGate
class EarlyResponseTest {
    private static final int UPLOAD = 20_000_000;

    @Test
    void timesOutAResponseThatStopsAfterTheRequest() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                TestGate gate = TestGate.start("postern.backend=http://127.0.0.1:" + server.getLocalPort(),
                        "postern.forwarding.idle-timeout=2s");
                Socket client = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
            Thread.ofVirtual().start(() -> beginToRespondAndStop(server));
            client.setSoTimeout(20_000);
            String key = gate.newCustomer().masterKey();
            client.getOutputStream().write(("PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                    + "\r\nContent-Length: " + UPLOAD + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().write(new byte[UPLOAD]);

            InputStream in = client.getInputStream();
            assertThat(RawHttp.line(in)).startsWith("HTTP/1.1 200");
            assertThatThrownBy(() -> {
                while (true) {
                    RawHttp.line(in);
                }
            }).isInstanceOf(IOException.class).hasMessageContaining("the connection ended");
        }
    }

    private static void beginToRespondAndStop(ServerSocket server) {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            in.read();
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            // Long enough for all buffers on the way to be full.
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
            in.readNBytes(UPLOAD);
            in.readAllBytes();
        } catch (IOException over) {
            // The gate has closed it.
        }
    }
}
