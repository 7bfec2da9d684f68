package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Http2Client;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TlsGate;
import dev.postern.support.Way;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Connections of HTTP/2 end when they have to, and write little about it. */
@ExtendWith(OutputCaptureExtension.class)
@NeedsTheMachine
class Http2ConnectionsTest {
    private static final int MANY = 300;

    private static Http2Headers get(String... lines) {
        return Http2Client.headers("GET", "/devices/lamp", lines);
    }

    private static long endedWith(Http2Client client, Consumer<Http2Client> call) throws Exception {
        for (int i = 0; i < MANY && !client.goAway().isDone() && client.isOpen(); i++) {
            call.accept(client);
        }
        long error = client.goAway().get(20, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(20)).until(() -> !client.isOpen());
        return error;
    }

    @ParameterizedTest
    @EnumSource(names = {"H2C", "H2"})
    void requestsOfTheWrongLengthCloseTheConnection(Way way) throws Exception {
        try (Http2Client client = way.newHttp2Client()) {
            assertThat(endedWith(client, each -> assertThatThrownBy(
                    () -> each.call(get("content-length: 5"), new byte[0])).isInstanceOf(RuntimeException.class)))
                    .isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"H2C", "H2"})
    void requestsForAForeignHostCloseTheConnection(Way way) throws Exception {
        try (Http2Client client = way.newHttp2Client()) {
            assertThat(client.call(get("host: other.test"), new byte[0]).reason()).isEqualTo("request_malformed");
            assertThat(endedWith(client, each -> {
                try {
                    each.call(get("host: other.test"), new byte[0]);
                } catch (RuntimeException ended) {
                    // The connection has come to its end.
                }
            })).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
        }
    }

    @Test
    void requestsWithAnInvalidCredentialDoNotCloseTheConnection() {
        try (Http2Client client = Way.H2C.newHttp2Client()) {
            for (int i = 0; i < MANY; i++) {
                assertThat(client.call(get(), new byte[0]).status()).isEqualTo(401);
            }
            assertThat(client.goAway()).isNotDone();
        }
    }

    @Test
    void anIdleConnectionIsClosedThoughItSendsPings() {
        try (TestGate gate = TestGate.start("server.netty.idle-timeout=500ms",
                "postern.backend=" + SharedGate.BACKEND.address());
                Http2Client unused = new Http2Client(gate.port(), false);
                Http2Client used = new Http2Client(gate.port(), false)) {
            assertThat(used.call(get(), new byte[0]).status()).isEqualTo(401);

            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50)).until(() -> {
                unused.ping();
                used.ping();
                return !unused.isOpen() && !used.isOpen();
            });
            assertThat(used.goAway()).isCompletedWithValue(Http2Error.NO_ERROR.code());
        }
    }

    /** Each of them wrote a stack trace of some kilobytes. */
    @Test
    void brokenRequestsWriteFewLinesAndNoStackTrace(CapturedOutput output) throws Exception {
        Way.H2.gate();
        Way.H2C.gate();
        int before = output.getAll().length();
        byte[] noFrame = "this is no frame of HTTP/2, whatever it may be ...".getBytes(StandardCharsets.US_ASCII);
        for (Way way : new Way[]{Way.H2C, Way.H2}) {
            for (int i = 0; i < 20; i++) {
                try (Http2Client client = way.newHttp2Client()) {
                    client.sendRaw(noFrame);
                    client.goAway().get(20, TimeUnit.SECONDS);
                }
                try (Http2Client client = way.newHttp2Client()) {
                    client.send(Http2Client.headers("POST", "/devices", "content-length: 5"), new byte[9], true);
                    client.send(Http2Client.headers("POST", "/devices", "content-length: 50"), new byte[9], true);
                    client.send(Http2Client.headers("POST", "/oauth/token", "content-length: 50"), new byte[9], false);
                    client.send(get("Connection: close", "Upgrade: x"), new byte[0], true);
                    client.send(Http2Client.headers("POST", "/keys"), new byte[200_000], true);
                }
            }
        }
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), TlsGate.GATE.port())) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            } catch (IOException reset) {
                // Or so.
            }
            try (Socket socket = Way.HTTP_1_TLS.newSocket(TlsGate.GATE.port())) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write("POST /oauth/token HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
            }
        }
        Reply alive = Way.H2.call("GET", "/devices/lamp", "");
        assertThat(alive.status()).isEqualTo(401);

        String written = output.getAll().substring(before);
        assertThat(written.lines().toList()).hasSizeLessThan(60)
                .noneMatch(line -> line.startsWith("\tat ") || line.startsWith("Caused by"));
        assertThat(written).contains("An HTTP/2 connection ended with an error", "A TLS handshake failed")
                .doesNotContain("ERROR");
    }
}
