package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.Http2Client;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A gate that was told to stop serves on for a while, and says that it is not ready. */
@BothLanes
@OwnsItsGate
class DrainPauseTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static Reply get(Socket socket, String key) throws IOException {
        socket.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: h\r\napi-key: " + key + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        return RawHttp.read(socket.getInputStream(), true);
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static int readiness(int port) {
        return RawHttp.call(port, "GET", "/actuator/health/readiness", "").status();
    }

    @Test
    void servesOnWhileItsReadinessFails() throws Exception {
        try (RecordingBackend backend = new RecordingBackend()) {
            TestGate gate = TestGate.start("postern.backend=" + backend.address(), "postern.drain.pause=5s",
                    "spring.lifecycle.timeout-per-shutdown-phase=3s");
            String key = gate.newCustomer().masterKey();
            int port = gate.port();
            int management = gate.managementPort();
            CompletableFuture<Void> closed;
            try (Socket idle = connect(port);
                    Socket used = connect(port);
                    Http2Client http2 = new Http2Client(port, false)) {
                assertThat(get(idle, key).header("Connection")).isEmpty();
                assertThat(get(used, key).header("Connection")).isEmpty();
                assertThat(readiness(management)).isEqualTo(200);

                closed = CompletableFuture.runAsync(gate::close, command -> Thread.ofPlatform().start(command));
                await().atMost(LIMIT).until(() -> readiness(management) == 503);

                assertThat(RawHttp.call(management, "GET", "/actuator/health/liveness", "").status()).isEqualTo(200);
                assertLast(get(used, key), used);
                try (Socket late = connect(port)) {
                    assertLast(get(late, key), late);
                }
                try (Socket slow = connect(port)) {
                    slow.getOutputStream()
                            .write("GET /devices/lamp HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));
                    assertThat(readiness(management)).isEqualTo(503);
                    slow.getOutputStream().write(("st: h\r\napi-key: " + key + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    assertLast(RawHttp.read(slow.getInputStream(), true), slow);
                }
                assertThat(http2.call(Http2Client.headers("GET", "/devices/lamp", "api-key: " + key), new byte[0])
                        .status()).isEqualTo(200);
                assertThat(closed).isNotDone();
                assertThat(idle.getInputStream().read()).isEqualTo(-1);
            }
            closed.get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> connect(port).close()).isInstanceOf(IOException.class);
        }
    }

    /** A client that was not told of the end of its connection may use it again. */
    @Test
    void closesNoConnectionWithoutSayingSo() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (SloppyBackend backend = new SloppyBackend((line, request) -> {
            if (request.target().equals("/devices/slow")) {
                line.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhe");
                awaitQuietly(mayEnd);
                line.write("re");
            } else {
                line.ok("ok");
            }
        })) {
            TestGate gate = TestGate.start("postern.backend=" + backend.address(), "postern.drain.pause=8s");
            String key = gate.newCustomer().masterKey();
            int management = gate.managementPort();
            CompletableFuture<Void> closed;
            try (Socket slow = connect(gate.port()); Socket denied = connect(gate.port())) {
                slow.getOutputStream().write(("GET /devices/slow HTTP/1.1\r\nHost: h\r\napi-key: " + key + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                byte[] begun = slow.getInputStream().readNBytes(12);
                assertThat(new String(begun, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");

                closed = CompletableFuture.runAsync(gate::close, command -> Thread.ofPlatform().start(command));
                await().atMost(LIMIT).until(() -> readiness(management) == 503);
                mayEnd.countDown();

                Reply rest = RawHttp.read(new SequenceInputStream(new ByteArrayInputStream(begun),
                        slow.getInputStream()), true);
                assertThat(rest.text()).isEqualTo("here");
                assertThat(rest.header("Connection")).isEmpty();
                assertLast(get(slow, key), slow);

                denied.getOutputStream().write(("POST /devices/lamp/datapoints HTTP/1.1\r\nHost: h\r\napi-key: no"
                        + "\r\nContent-Length: 2\r\n\r\n{}").getBytes(StandardCharsets.US_ASCII));
                Reply refused = RawHttp.read(denied.getInputStream(), true);
                assertThat(refused.status()).isEqualTo(401);
                if (refused.header("Connection").isEmpty()) {
                    assertLast(get(denied, key), denied);
                }
            }
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test did not go on");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void assertLast(Reply reply, Socket socket) throws IOException {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
}
