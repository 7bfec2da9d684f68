package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.Http2Client;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SharedGate;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TlsGate;
import dev.postern.support.Way;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * If clients or backends do something wrong, the gate logs a few lines that say so, but no stack traces and no secrets.
 */
@ExtendWith(OutputCaptureExtension.class)
@NeedsTheMachine
class LogTest {
    private static final SloppyBackend BACKEND = new SloppyBackend((line, _) -> line.ok("first"));
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.forwarding.response-timeout=2s", "postern.forwarding.max-connections=4");
    private static final String ALICE = GATE.newCustomer().masterKey();
    private static final Customer BOBS = GATE.newCustomer();
    private static final String BOB = BOBS.masterKey();

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    private static Reply get(String key) {
        return GATE.call(key, "GET", "/devices/lamp");
    }

    private static void answerWithTheCaller(SloppyBackend.Line line, Received request) throws IOException {
        line.ok(request.header("X-Postern-Account"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
            "SSH-2.0-OpenSSH_9.2| ~ does not start with HTTP/1.1",
            "220 mail.example ESMTP| ~ does not start with HTTP/1.1",
            "HTTP/2 200 OK|| ~ does not start with HTTP/1.1",
            "HTTP/1.9 200 OK|| ~ status line is malformed",
            "http/1.1 200 OK|| ~ does not start with HTTP/1.1",
            "HTTP/1.1 20 OK|| ~ status",
            "HTTP/1.1 2000 OK|| ~ status line is malformed",
            "HTTP/1.1 999 OK|| ~ not between 100 and 599",
            "HTTP/1.1 099 OK|| ~ not between 100 and 599",
            "HTTP/1.1 abc OK|| ~ status is not a number",
            "HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 3||OK ~ more than one Content-Length",
            "HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2||OK ~ more than one Content-Length",
            "HTTP/1.1 200 OK|Content-Length: 2, 2||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: +2||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: 0x2||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: -2||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: 02||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: 99999999999999999999||OK ~ plain decimal number",
            "HTTP/1.1 200 OK|Content-Length: 2|Transfer-Encoding: chunked||2|OK|0|| ~ both a Transfer-Encoding",
            "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||2|OK|0|| ~ Transfer-Encoding is not chunked",
            "HTTP/1.1 200 OK|Transfer-Encoding: identity||OK ~ Transfer-Encoding is not chunked",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked||2|OK|0|| ~ more than one Transfer",
            "HTTP/1.0 200 OK|Transfer-Encoding: chunked||2|OK|0|| ~ HTTP/1.0 response has a Transfer-Encoding",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||zz|OK|0|| ~ size of a chunk",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||-2|OK|0|| ~ size of a chunk",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||0x2|OK|0|| ~ size of a chunk",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1111111111111111|OK|0|| ~ size of a chunk",
            "HTTP/1.1 200 OK|No colon||OK ~ name and a colon",
            "HTTP/1.1 200 OK|Blank : before||OK ~ name and a colon",
            "HTTP/1.1 200 OK|: nameless||OK ~ name and a colon",
            "HTTP/1.1 200 OK|X-A: folded| over two lines||OK ~ name and a colon"})
    void saysWhatIsWrongWithABackendThatSendsNoHttp(String response, String why, CapturedOutput output) {
        BACKEND.play((line, _) -> {
            line.write(response.replace("|", "\r\n"));
            // This response is followed by two more line ends.
            if (why.equals("status")) {
                line.write("\r\n\r\n");
            }
        });

        Reply reply = get(ALICE);

        assertThat(reply.status()).as(reply.text()).isEqualTo(502);
        assertThat(reply.reason()).isEqualTo("backend_failed");
        List<String> lines = output.getAll().lines().filter(text -> text.contains("did not send a valid HTTP response"))
                .toList();
        // The gate logs only a few such lines a second, whatever is wrong, so there may be none.
        assertThat(lines).hasSizeLessThanOrEqualTo(1).allSatisfy(text -> assertThat(text).contains(why));
        assertThat(reply.json().required("detail").stringValue()).contains(why);
        assertThat(output.getAll()).doesNotContain("\tat ").doesNotContain("ERROR");
        BACKEND.play(LogTest::answerWithTheCaller);
        assertThat(get(BOB).text()).isEqualTo(BOBS.account());
    }

    /** The express lane reads everything that has arrived first; the chain forwards the data before it reads on. */
    @Test
    void saysThatAChunkIsLongerThanItsLength(CapturedOutput output) {
        BACKEND.play(
                (line, _) -> line.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOKK\r\n0\r\n\r\n"));

        // The gate does not log each time what a stranger may cause again and again, so the test repeats the call.
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertFailedOrBrokenOff();
            assertThat(output.getAll()).contains("chunk does not have the length");
        });
        assertThat(output.getAll()).doesNotContain("\tat ").doesNotContain("ERROR");
        BACKEND.play(LogTest::answerWithTheCaller);
        assertThat(get(BOB).text()).isEqualTo(BOBS.account());
    }

    private static void assertFailedOrBrokenOff() {
        try {
            assertThat(get(ALICE).reason()).isEqualTo("backend_failed");
        } catch (UncheckedIOException brokenOff) {
            assertThat(brokenOff).hasMessageContaining("the connection ended");
        }
    }

    @Test
    void failsABackendWithATooLargeHead(CapturedOutput output) {
        BACKEND.play((line, _) -> line.write("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(40_000) + "\r\n\r\n"));

        // The gate does not log each time what a stranger may cause again and again, so the test repeats the call.
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(get(ALICE).reason()).isEqualTo("backend_failed");
            assertThat(output.getAll()).contains("the head is longer than 32768 bytes");
        });
    }

    @Test
    void namesAFailedTlsHandshake(CapturedOutput output) {
        try (TestGate gate = TestGate
                .start("postern.backend=" + BACKEND.address().replace("http:", "https:"))) {
            String key = gate.newCustomer().masterKey();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                Reply reply = gate.call(key, "GET", "/devices/lamp");
                assertThat(reply.status()).isEqualTo(502);
                assertThat(reply.reason()).isEqualTo("backend_tls_failed");
                assertThat(output.getAll()).contains("The TLS handshake with the backend of devices failed")
                        .doesNotContain("\tat ");
            });
        }
    }

    /** Each of these connections used to write a stack trace of several kilobytes. */
    @Test
    void writesFewLinesAndNoStackForBrokenConnections(CapturedOutput output) throws Exception {
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
                    client.send(Http2Client.headers("GET", "/devices/lamp", "Connection: close", "Upgrade: x"),
                            new byte[0], true);
                    client.send(Http2Client.headers("POST", "/keys"), new byte[200_000], true);
                }
            }
        }
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), TlsGate.GATE.port())) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            } catch (IOException reset) {
                // The gate may also reset the connection.
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

    @Test
    void neverForwardsABrokenRequestAsWhole(CapturedOutput output) throws IOException {
        Customer customer = SharedGate.GATE.newCustomer();
        String key = customer.newKey(
                "[{\"access_methods\":[\"get\",\"post\",\"put\"],\"resources\":[{\"dev_id\":\"lamp\"},{\"dev_id\":\"half\"}]}]");
        SharedGate.BACKEND.forget();
        for (String target : new String[]{"PUT /devices/lamp", "POST /devices/half/datapoints", "PUT /keys/" + key}) {
            String credential = target.contains("/keys/") ? customer.masterKey() : key;
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SharedGate.GATE.port())) {
                socket.setSoTimeout(20_000);
                OutputStream out = socket.getOutputStream();
                out.write((target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + credential
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZZZ\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(400);
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SharedGate.GATE.port())) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write((target + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + credential
                        + "\r\nContent-Length: 1000\r\n\r\nhello").getBytes(StandardCharsets.US_ASCII));
            }
        }
        // When this later call is answered, the calls above have been dealt with.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> SharedGate.GATE.call(key, "GET", "/devices/lamp").status() == 200);
        assertThat(SharedGate.BACKEND.received()).isNotEmpty().allSatisfy(
                received -> assertThat(received.method()).isEqualTo("GET"));
        assertThat(output.getAll()).doesNotContain(key).doesNotContain(customer.masterKey()).doesNotContain("ERROR");
    }
}
