package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.Http2Client;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A gate that stops takes no new connections, and answers everything that it has read. */
@BothLanes
@OwnsItsGate
class DrainTest {
    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(Socket socket, String... requests) throws IOException {
        socket.getOutputStream().write(String.join("", requests).getBytes(StandardCharsets.US_ASCII));
    }

    private static String get(String device, String key) {
        return "GET /devices/" + device + " HTTP/1.1\r\nHost: h\r\napi-key: " + key + "\r\n\r\n";
    }

    @Test
    void marksEachAnswerAsTheLastAndLosesNone() throws Exception {
        CountDownLatch backendMayAnswer = new CountDownLatch(1);
        try (ScriptedBackend backend = new ScriptedBackend()) {
            TestGate gate = TestGate.start("postern.backend=" + backend.address());
            String key = gate.newCustomer().masterKey();
            backend.play(stage -> {
                backendMayAnswer.await();
                stage.head(200, "Content-Length: 2");
                stage.write("ok");
            });
            int port = gate.port();
            CompletableFuture<Void> closed;
            try (Socket idle = connect(port);
                    Socket busy = connect(port);
                    Socket pipelining = connect(port);
                    Socket streaming = connect(port);
                    Http2Client http2 = new Http2Client(port, false);
                    Http2Client idleHttp2 = new Http2Client(port, false)) {
                send(idle, get("idle", "wrong"));
                assertThat(RawHttp.read(idle.getInputStream(), true).header("Connection")).isEmpty();
                assertThat(idleHttp2.call(Http2Client.headers("GET", "/devices/a"), new byte[0]).status())
                        .isEqualTo(401);
                send(busy, get("busy", key));
                send(pipelining, get("first", key), get("second", key), get("third", "wrong"));
                // The last byte of its body is still missing.
                send(streaming, "PUT /devices/streaming HTTP/1.1\r\nHost: h\r\napi-key: " + key
                        + "\r\nContent-Length: 2\r\n\r\na");
                Http2Client.Call stream = http2.send(Http2Client.headers("GET", "/devices/stream", "api-key: " + key),
                        new byte[0], true);
                await().atMost(Duration.ofSeconds(20)).until(() -> backend.received().size() == 3);

                closed = CompletableFuture.runAsync(gate::close, command -> Thread.ofPlatform().start(command));

                assertThat(http2.goAway().get(20, TimeUnit.SECONDS)).isEqualTo(Http2Error.NO_ERROR.code());
                assertThat(idleHttp2.goAway().get(20, TimeUnit.SECONDS)).isEqualTo(Http2Error.NO_ERROR.code());
                assertThat(idle.getInputStream().read()).isEqualTo(-1);
                assertThatThrownBy(() -> connect(port).close()).isInstanceOf(IOException.class);
                assertThat(closed).isNotDone();
                send(streaming, "b");
                backendMayAnswer.countDown();

                assertLast(RawHttp.read(busy.getInputStream(), true), busy.getInputStream());
                assertLast(RawHttp.read(streaming.getInputStream(), true), streaming.getInputStream());
                InputStream answers = pipelining.getInputStream();
                assertThat(RawHttp.read(answers, true).header("Connection")).isEmpty();
                assertThat(RawHttp.read(answers, true).header("Connection")).isEmpty();
                Reply third = RawHttp.read(answers, true);
                assertThat(third.status()).isEqualTo(401);
                assertThat(third.header("Connection")).isEqualTo("close");
                assertThat(answers.read()).isEqualTo(-1);
                assertThat(stream.await().text()).isEqualTo("ok");
            }
            closed.get(30, TimeUnit.SECONDS);
        }
    }

    private static void assertLast(Reply reply, InputStream in) throws IOException {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void timesOut() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedBackend backend = new ScriptedBackend()) {
            TestGate gate = TestGate.start("postern.backend=" + backend.address(),
                    "spring.lifecycle.timeout-per-shutdown-phase=1s");
            String key = gate.newCustomer().masterKey();
            backend.play(_ -> never.await());
            try (Socket busy = connect(gate.port()); Http2Client http2 = new Http2Client(gate.port(), false)) {
                send(busy, get("busy", key));
                http2.send(Http2Client.headers("GET", "/devices/stream", "api-key: " + key), new byte[0], true);
                await().atMost(Duration.ofSeconds(20)).until(() -> backend.received().size() == 2);

                CompletableFuture.runAsync(gate::close, command -> Thread.ofPlatform().start(command))
                        .get(30, TimeUnit.SECONDS);

                await().atMost(Duration.ofSeconds(20)).until(() -> !http2.isOpen());
            } finally {
                never.countDown();
            }
        }
    }
}
