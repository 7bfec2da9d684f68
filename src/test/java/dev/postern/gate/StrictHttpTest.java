package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.SharedGate;
import dev.postern.support.TlsGate;
import dev.postern.support.UsesSharedGate;
import dev.postern.support.Way;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 as the RFCs have it, in the clear and over TLS. */
@BothLanes
@UsesSharedGate
class StrictHttpTest {
    private static final String CLEAR_KEY = SharedGate.GATE.newCustomer().masterKey();
    /** If a call has this key, the gate searches its body for the streams that it names. */
    private static final String STREAM_KEY = SharedGate.GATE.newCustomer().newKey("""
            [{"resources":[{"dev_id":"half","ds_id":"gps"}],"access_methods":["POST"]}]""");
    private static final String TLS_KEY = TlsGate.GATE.newCustomer().masterKey();

    private static String key(Way way) {
        return way == Way.HTTP_1 ? CLEAR_KEY : TLS_KEY;
    }

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    /** A connection on which requests are written as they are. */
    private static final class Line implements AutoCloseable {
        private final Way way;
        private final Socket socket;

        Line(Way way) throws IOException {
            this.way = way;
            this.socket = way.newSocket(way.gate().port());
        }

        Line send(String... requests) throws IOException {
            socket.getOutputStream().write(String.join("", requests).replace("KEY", "api-key: " + key(way))
                    .replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Reply read() throws IOException {
            return RawHttp.read(socket.getInputStream(), true);
        }

        InputStream in() throws IOException {
            return socket.getInputStream();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static Reply exchange(Way way, String request) throws IOException {
        try (Line line = new Line(way).send(request)) {
            return line.read();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void theHostOfTheTargetTakesPrecedence(Way way) throws IOException {
        Reply reply = exchange(way, "GET http://target.test:8080/devices/lamp?a=1 HTTP/1.1\nHost: other.test\nKEY\n\n");

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().target()).isEqualTo("/devices/lamp?a=1");
        assertThat(SharedGate.BACKEND.single().header("X-Forwarded-Host")).isEqualTo("target.test:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://target.test", "HTTP://target.test/", "https://target.test/?",
            "http://target.test?x=1",
            "http://[::1]:80/"})
    void anAbsoluteTargetIsReadAsItsPath(String target) throws IOException {
        Reply reply = exchange(Way.HTTP_1, "GET " + target + " HTTP/1.1\nHost: h\nKEY\n\n");

        assertThat(reply.reason()).isEqualTo("operation_unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a@target.test/devices/lamp", "http:///devices/lamp", "http://a:b:c/devices/lamp",
            "ftp://target.test/devices/lamp", "//target.test/devices/lamp/x"})
    void anAmbiguousAbsoluteTargetReachesNoBackend(String target) throws IOException {
        Reply reply = exchange(Way.HTTP_1, "GET " + target + " HTTP/1.1\nHost: h\nKEY\n\n");

        assertThat(reply.status()).as(reply.text()).isIn(400, 404);
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"http/1.1,400,request_malformed", "Http/1.1,400,request_malformed", "http/1.0,400,request_malformed",
            "HTTP/9.9,505,http_version_unsupported", "HTTP/2.0,505,http_version_unsupported",
            "HTTP/1.2,505,http_version_unsupported", "HTTP/0.9,505,http_version_unsupported",
            "HTTP/11,400,request_malformed", "HTP/1.1,400,request_malformed", "'',400,request_malformed"})
    void aVersionIsOneOfTwoSpelledExactly(String version, int status, String reason) throws IOException {
        for (Way way : new Way[]{Way.HTTP_1, Way.HTTP_1_TLS}) {
            Reply reply = exchange(way, "GET /devices/lamp " + version + "\nHost: h\nKEY\n\n");

            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.reason()).isEqualTo(reason);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: x", "Content-Length: 1\nContent-Length: 2", "Content-Length: -1",
            "Transfer-Encoding: chunked\nContent-Length: 3", "Transfer-Encoding: gzip", "No colon",
            "Bad Name: x", "X: a\u0001b", "Transfer-Encoding: chunked, gzip"})
    void anUnreadableHeadIsRefusedAndClosesTheConnection(String header) throws IOException {
        for (Way way : new Way[]{Way.HTTP_1, Way.HTTP_1_TLS}) {
            try (Line line = new Line(way).send("GET /devices/before HTTP/1.1\nHost: h\nKEY\n\n",
                    "POST /devices HTTP/1.1\nHost: h\nKEY\n" + header + "\n\nabc",
                    "GET /devices/never HTTP/1.1\nHost: h\nKEY\n\n")) {
                assertThat(line.read().status()).isEqualTo(200);
                Reply refused = line.read();
                assertThat(refused.status()).isEqualTo(400);
                assertThat(refused.reason()).isEqualTo("request_malformed");
                assertThat(refused.header("Connection")).isEqualTo("close");
                assertThat(line.in().read()).isEqualTo(-1);
            }
        }
        assertThat(SharedGate.BACKEND.received()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT /devices/lamp", "POST /devices/lamp/datapoints", "PUT /keys/x", "POST /oauth/token",
            "POST /api/v1/user/login-app", "POST /httpapi/authorize.do"})
    void aBodyWithABrokenChunkIsRefusedWithItsReason(String call) throws IOException {
        for (Way way : new Way[]{Way.HTTP_1, Way.HTTP_1_TLS}) {
            try (Line line = new Line(way).send(call
                    + " HTTP/1.1\nHost: h\nKEY\nContent-Type: application/x-www-form-urlencoded\n"
                    + "Transfer-Encoding: chunked\n\n5\nhello\nZZZZ\n")) {
                Reply refused = line.read();

                assertThat(refused.status()).as(call + refused.text()).isEqualTo(400);
                assertThat(refused.reason()).isEqualTo("request_malformed");
                assertThat(refused.header("Connection")).isEqualTo("close");
                assertThat(line.in().read()).isEqualTo(-1);
            }
        }
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    /** By itself, the HTTP server would close the connection after an earlier response, and lose this request. */
    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void aPipelinedRequestThatClosesTheConnectionIsAnswered(Way way) throws IOException {
        try (Line line = new Line(way).send("GET /devices/one HTTP/1.1\nHost: h\nKEY\n\n",
                "POST /devices/two HTTP/1.1\nHost: h\nContent-Length: 1\n\na",
                "PUT /devices/three HTTP/1.1\nHost: h\nConnection: close\nContent-Length: 1\nKEY\n\na",
                "GET /devices/never HTTP/1.1\nHost: h\nKEY\n\n")) {
            assertThat(line.read().header("Connection")).isEmpty();
            assertThat(line.read().header("Connection")).isEmpty();
            Reply last = line.read();
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.header("Connection")).isEqualTo("close");
            assertThat(line.in().read()).isEqualTo(-1);
        }
        assertThat(SharedGate.BACKEND.received()).extracting(RecordingBackend.Received::target)
                .containsExactly("/devices/one", "/devices/three");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1\nHost: h\nConnection: X-Hop, close, X-Other",
            "HTTP/1.0\nConnection: X-Hop, X-Other",
            "HTTP/1.1\nHost: h\nConnection: close\nConnection: X-Hop, X-Other"})
    void headersNamedByConnectionReachNoBackendEvenWithClose(String rest) throws IOException {
        try (Line line = new Line(Way.HTTP_1)
                .send("GET /devices/lamp " + rest + "\nX-Hop: a\nX-Other: b\nX-Kept: c\nKEY\n\n")) {
            assertThat(line.read().status()).isEqualTo(200);
            assertThat(line.in().read()).isEqualTo(-1);
        }
        assertThat(SharedGate.BACKEND.single().hasHeader("X-Hop")).isFalse();
        assertThat(SharedGate.BACKEND.single().hasHeader("X-Other")).isFalse();
        assertThat(SharedGate.BACKEND.single().header("X-Kept")).isEqualTo("c");
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void aBrokenChunkAfterTheAnswerClosesTheConnection(Way way) throws IOException {
        try (Line line = new Line(way).send("POST /devices HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n1\na\n")) {
            assertThat(line.read().status()).isEqualTo(401);
            line.send("ZZZZ\n");
            assertThat(line.in().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void aConnectionStaysOpenAfterARequestWithoutHost(Way way) throws IOException {
        try (Line line = new Line(way).send("POST /devices/lamp HTTP/1.1\nKEY\nContent-Length: 5\n\nhello",
                "HEAD /devices/lamp HTTP/1.1\n\n", "GET /devices/lamp HTTP/1.1\nHost: h\nKEY\n\n")) {
            assertThat(line.read().reason()).isEqualTo("request_malformed");
            assertThat(RawHttp.read(line.in(), false).status()).isEqualTo(400);
            assertThat(line.read().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void anEmptyHostIsRefused(Way way) throws IOException {
        for (String host : new String[]{"Host:", "Host: ", "Host: \t"}) {
            Reply reply = exchange(way, "GET /devices/lamp HTTP/1.1\n" + host + "\nKEY\n\n");
            assertThat(reply.status()).as(host).isEqualTo(400);
            assertThat(reply.reason()).as(host).isEqualTo("request_malformed");
        }
    }

    /** There are so many rounds that the buffers of a connection cannot hide a failure. */
    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void aConnectionStaysOpenAfterAPipelinedPostIsRefusedEarly(Way way) throws IOException {
        try (Line line = new Line(way)) {
            for (int round = 0; round < 24; round++) {
                line.send("GET /devices/one HTTP/1.1\nHost: h\nKEY\n\n",
                        "POST /devices HTTP/1.1\nHost: h\nAuthorization: Bearer a.b.c.d.e\nContent-Length: 6\n\na body",
                        round % 2 == 0 ? "" : "POST /devices HTTP/1.1\nHost: h\nContent-Length: 6\n\na body");
                assertThat(line.read().status()).as("round " + round).isEqualTo(200);
                assertThat(line.read().status()).as("round " + round).isEqualTo(401);
                if (round % 2 != 0) {
                    assertThat(line.read().status()).as("round " + round).isEqualTo(401);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void anHttp10RequestNeedsNoHost(Way way) throws IOException {
        Reply reply = exchange(way, "GET /devices/lamp HTTP/1.0\nKEY\n\n");

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "Upgrade: websocket\\nSec-WebSocket-Version: 13\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 400 | upgrade_invalid",
            "Connection: keep-alive\\nUpgrade: websocket\\nSec-WebSocket-Version: 13\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 400 | upgrade_invalid",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Version: 13 | 400 | upgrade_invalid",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Version: 13\\nSec-WebSocket-Key: c2hvcnQ= | 400 | upgrade_invalid",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 400 | upgrade_invalid",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Version: 13\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\nContent-Length: 2 | 400 | upgrade_invalid",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Version: 8\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 426 | websocket_version_unsupported",
            "Connection: Upgrade\\nUpgrade: websocket\\nSec-WebSocket-Version: 8, 13\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | 426 | websocket_version_unsupported"})
    void aHandshakeThatIsNoneIsRefusedInSoManyWords(String headers, int status, String reason) throws IOException {
        for (Way way : new Way[]{Way.HTTP_1, Way.HTTP_1_TLS}) {
            try (Line line = new Line(way).send("GET /devices/lamp HTTP/1.1\nHost: h\nKEY\n",
                    headers.strip().replace("\\n", "\n"), "\n\n", headers.contains("Length") ? "ab" : "")) {
                Reply reply = line.read();

                assertThat(reply.status()).as(reply.text()).isEqualTo(status);
                assertThat(reply.reason()).isEqualTo(reason);
                assertThat(reply.header("Sec-WebSocket-Version")).isEqualTo(status == 426 ? "13" : "");
                line.send("GET /devices/lamp HTTP/1.1\nHost: h\nKEY\n\n");
                assertThat(line.read().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.0\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "HTTP/1.0\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
            "HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: foo/2"})
    void anOfferOfAnotherProtocolThatIsNotTakenUpIsIgnored(String rest) throws IOException {
        for (Way way : new Way[]{Way.HTTP_1, Way.HTTP_1_TLS}) {
            SharedGate.BACKEND.forget();
            Reply reply = exchange(way, "GET /devices/lamp " + rest + "\nKEY\n\n");

            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            assertThat(SharedGate.BACKEND.single().hasHeader("Upgrade")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"HTTP_1|GET /devices/lamp HTTP/1.1%Host: h%Connection: close%KEY%%|200",
            "HTTP_1_TLS|GET /devices/lamp HTTP/1.1%Host: h%Connection: close%KEY%%|200",
            "HTTP_1|POST /devices/half/datapoints HTTP/1.1%Host: h%Transfer-Encoding: chunked%STREAMS%%30d40%|413",
            "HTTP_1|GET /devices/lamp HTTP/1.0%Host: h%KEY%%|200",
            "HTTP_1|GET /devices/lamp%%|400"})
    void theLastResponseArrivesThoughTheClientStillSends(Way way, String request, int status) throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Line line = new Line(way).send(request.replace("STREAMS", "api-key: " + STREAM_KEY).replace('%', '\n'),
                    "x".repeat(200_000))) {
                Reply reply = line.read();

                assertThat(reply.status()).as(reply.text()).isEqualTo(status);
                assertThat(line.in().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void refusesALongBodyOfManyChunks() throws IOException {
        String chunk = "2000\n" + "x".repeat(8192) + "\n";
        try (Line line = new Line(Way.HTTP_1).send("POST /devices/half/datapoints HTTP/1.1\nHost: h\napi-key: "
                + STREAM_KEY + "\nTransfer-Encoding: chunked\n\n" + chunk.repeat(12) + "0\n\n")) {
            Reply reply = line.read();

            assertThat(reply.reason()).as(reply.text()).isEqualTo("body_too_large");
            assertThat(line.in().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1", "HTTP_1_TLS"})
    void aClosedConnectionDoesNotWaitForeverForItsClient(Way way) throws IOException {
        try (Line line = new Line(way).send("GET /devices/lamp HTTP/1.1\nHost: h\nConnection: close\nKEY\n\n")) {
            assertThat(line.read().status()).isEqualTo(200);
            assertThat(line.in().read()).isEqualTo(-1);

            await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50)).untilAsserted(
                    () -> assertThatThrownBy(() -> line.send("x")).isInstanceOf(IOException.class));
        }
    }
}
