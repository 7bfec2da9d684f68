package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that answer in ways in which no backend should, on connections that several callers share. */
@BothLanes
@OwnsItsGate
class BackendResponsesTest {
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

    /** Each test starts with one connection, which the gate keeps. */
    @BeforeEach
    void keepOneConnection() {
        BACKEND.play((line, _) -> line.ok("warm"));
        assertThat(get(ALICE).status()).isEqualTo(200);
        BACKEND.forget();
    }

    private static Reply get(String key) {
        return GATE.call(key, "GET", "/devices/lamp");
    }

    private static void answerWithTheCaller(SloppyBackend.Line line, Received request) throws IOException {
        line.ok(request.header("X-Postern-Account"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100 Continue", "102 Processing", "103 Early Hints", "199 Whatever", "100"})
    void waitsForTheFinalResponseAfterInterimOnes(String interim) {
        BACKEND.play((line, request) -> {
            line.write("HTTP/1.1 " + interim + "\r\nLink: </a>\r\nContent-Length: 3\r\n\r\n");
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            line.write("HTTP/1.1 " + interim + "\r\n\r\nHTTP/1.1 200 OK\r\nX-Number: " + line.number()
                    + "\r\nContent-Length: 5\r\n\r\nfinal");
        });

        int before = BACKEND.connections();

        for (int i = 0; i < 10; i++) {
            Reply reply = get(i % 2 == 0 ? ALICE : BOB);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("final");
            assertThat(reply.headers()).doesNotContainKey("Link");
        }
        assertThat(BACKEND.connections() - before).as("connections are kept").isLessThanOrEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/json"})
    void sendsTheHeadBeforeTheBodyBegins(String type) throws Exception {
        CountDownLatch headArrived = new CountDownLatch(1);
        BACKEND.play((line, _) -> {
            line.write("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            try {
                assertThat(headArrived.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            line.write("4\r\nbody\r\n0\r\n\r\n");
        });
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            client.setSoTimeout(10_000);
            client.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate\r\napi-key: " + ALICE
                    + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));

            assertThat(RawHttp.read(client.getInputStream(), false).header("Content-Type")).isEqualTo(type);

            headArrived.countDown();
            assertThat(RawHttp.chunks(client.getInputStream())).asString(StandardCharsets.US_ASCII).isEqualTo("body");
        }
    }

    @Test
    void failsABackendThatNeverSendsItsFinalResponse() {
        BACKEND.play((line, _) -> line.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200)));

        assertThat(get(ALICE).reason()).isEqualTo("backend_failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"})
    void failsABackendThatSwitchesProtocolsUnasked(String response) throws InterruptedException {
        AtomicReference<CountDownLatch> closed = new AtomicReference<>();
        BACKEND.play((line, _) -> {
            closed.set(line.closed());
            line.write(response);
        });

        Reply reply = get(ALICE);

        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.reason()).isEqualTo("backend_failed");
        assertThat(closed.get().await(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
            "GET ~ HTTP/1.1 200 OK|Content-Length: 2||OKHTTP/1.1 201 Created|X-Poison: 1|X-Pad:",
            "GET ~ HTTP/1.1 200 OK|Content-Length: 2||OKHTTP/1.1 201 Created|Content-Length: 6||poison",
            "GET ~ HTTP/1.1 200 OK|Content-Length: 2||OKpoison",
            "GET ~ HTTP/1.1 200 OK|Content-Length: 2||OK|",
            "GET ~ HTTP/1.1 200 OK|Content-Length: 0||HTTP/1.1 200 OK|Content-Length: 6||poison",
            "GET ~ HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|OK|0||HTTP/1.1 200 OK|Content-Length: 6||poison",
            "GET ~ HTTP/1.1 204 No Content||HTTP/1.1 200 OK|Content-Length: 6||poison",
            "GET ~ HTTP/1.1 204 No Content|Content-Length: 6||poison",
            "GET ~ HTTP/1.1 204 No Content|Transfer-Encoding: chunked||6|poison|0||",
            "GET ~ HTTP/1.1 304 Not Modified|Content-Length: 6||poison",
            "HEAD ~ HTTP/1.1 200 OK|Content-Length: 6||poison",
            "HEAD ~ HTTP/1.1 200 OK|Transfer-Encoding: chunked||6|poison|0||",
            "HEAD ~ HTTP/1.1 200 OK|Content-Length: 6||HTTP/1.1 200 OK|Content-Length: 6||poison"})
    void givesNobodyWhatFollowsAResponse(String method, String response) throws InterruptedException {
        for (boolean atOnce : new boolean[]{true, false}) {
            CountDownLatch written = new CountDownLatch(1);
            BACKEND.play((line, _) -> {
                String text = response.replace("|", "\r\n");
                int cut = atOnce ? text.length() : text.indexOf("\r\n\r\n") + 4;
                try {
                    line.write(text.substring(0, cut));
                    line.write(text.substring(cut));
                } finally {
                    written.countDown();
                }
            });
            Reply first = GATE.call(ALICE, method, "/devices/lamp");
            // If a response arrives after the next request was sent, the gate must take it for the response to that
            // request. So everything must have arrived before. Another call over the loopback interface comes after
            // what is still on its way.
            assertThat(written.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(GATE.operate("GET", "/api/v1/apis", "").status()).isEqualTo(200);
            BACKEND.play(BackendResponsesTest::answerWithTheCaller);

            assertThat(first.status()).isIn(200, 204, 304);
            assertThat(first.text()).doesNotContain("poison");
            assertThat(get(BOB).text()).isEqualTo(BOBS.account());
            assertThat(get(BOB).text()).isEqualTo(BOBS.account());
        }
    }

    @Test
    void deliversNothingThatArrivesOnAnIdleConnection() throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        AtomicReference<SloppyBackend.Line> idle = new AtomicReference<>();
        BACKEND.play((line, _) -> {
            line.ok("fine");
            idle.set(line);
            answered.countDown();
        });
        assertThat(get(ALICE).text()).isEqualTo("fine");
        assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
        writeTo(idle.get(), "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");

        assertThat(idle.get().closed().await(20, TimeUnit.SECONDS)).as("the gate closes it").isTrue();
        BACKEND.play(BackendResponsesTest::answerWithTheCaller);
        assertThat(get(BOB).text()).isEqualTo(BOBS.account());
        assertThat(metric("postern_backend_connections_discarded_total")).contains("why=\"bytes_while_idle\"");
    }

    private static void writeTo(SloppyBackend.Line line, String text) {
        try {
            line.write(text);
        } catch (IOException closed) {
            throw new AssertionError(closed);
        }
    }

    private static String metric(String name) {
        return GATE.operate("GET", "/actuator/prometheus", "").text().lines()
                .filter(text -> text.startsWith(name)).toList().toString();
    }
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\nContent-Length: 2\n\nOK", "HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-A: a\rX-B: b\r\n\r\n", "HTTP/1.1 200 O\0K\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n"})
    void failsABackendThatSendsControlCharacters(String response) {
        BACKEND.play((line, _) -> line.write(response));

        assertThat(get(ALICE).reason()).isEqualTo("backend_failed");
    }
    @Test
    void failsABackendThatSpeaksFirst() throws IOException {
        try (Greeting greeting = new Greeting("SSH-2.0-OpenSSH_9.2\r\n");
                TestGate gate = TestGate.start("postern.backend=" + greeting.address())) {
            Reply reply = gate.call(gate.newCustomer().masterKey(), "GET", "/devices/lamp");

            assertThat(reply.reason()).isEqualTo("backend_failed");
            assertThat(reply.json().required("detail").stringValue())
                    .contains("did not send a valid HTTP response: it ");
        }
    }

    /** A server that greets whoever connects. */
    private static final class Greeting implements AutoCloseable {
        private final java.net.ServerSocket server = new java.net.ServerSocket(0, 10,
                InetAddress.getLoopbackAddress());

        Greeting(String words) throws IOException {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        socket.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }

        String address() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
    @Test
    void limitsTheTimeForTheWholeHeadOfAResponse() {
        BACKEND.play((line, _) -> {
            for (char c : "HTTP/1.1 200 OK\r\nX-Slow: never ends\r\n".toCharArray()) {
                line.write(String.valueOf(c));
                LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            }
        });
        long start = System.nanoTime();

        assertThat(get(ALICE).reason()).isEqualTo("backend_timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void retriesOnceIfTheBackendHadClosedTheConnection(String method) {
        BACKEND.play((line, request) -> {
            if (line.requests() > 1) {
                line.close();
            } else {
                line.ok(request.header("X-Postern-Account"));
            }
        });

        Reply reply = GATE.call(BOB, method, "/devices/lamp");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(BACKEND.received()).hasSize(2);
        assertThat(metric("postern_backend_retried_total")).contains("postern_backend_retried_total");
    }

    @Test
    void retriesOnlyOnce() {
        BACKEND.play((line, _) -> line.reset());

        assertThat(get(BOB).reason()).isEqualTo("backend_failed");
        assertThat(BACKEND.received()).hasSizeLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void neverRetriesACallThatMayChangeSomething(String method) {
        for (boolean reset : new boolean[]{false, true}) {
            BACKEND.forget();
            BACKEND.play((line, _) -> {
                if (reset) {
                    line.reset();
                } else {
                    line.close();
                }
            });

            String target = method.equals("POST") ? "/cmds?device_id=lamp" : "/devices/lamp";
            assertThat(GATE.call(BOB, method, target, "{}").reason()).isEqualTo("backend_failed");
            assertThat(BACKEND.received()).hasSize(1);
            BACKEND.play((line, _) -> line.ok("warm"));
            assertThat(get(ALICE).status()).isEqualTo(200);
        }
    }

    @Test
    void neverRetriesAfterTheFirstByteOfAResponse() {
        BACKEND.play((line, _) -> {
            line.write("H");
            line.close();
        });

        assertThat(get(BOB).reason()).isEqualTo("backend_failed");
        assertThat(BACKEND.received()).hasSize(1);
    }

    @Test
    void neverReusesAConnectionWithAnIncompleteRequest() throws IOException {
        try (Early early = new Early(); TestGate gate = TestGate.start("postern.backend=" + early.address())) {
            String key = gate.newCustomer().masterKey();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(("PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key
                        + "\r\nContent-Length: 100\r\n\r\nbeginning").getBytes(StandardCharsets.US_ASCII));
                assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(413);
            }
            assertThat(gate.call(key, "GET", "/devices/lamp").status()).isEqualTo(413);
            assertThat(early.connections()).isEqualTo(2);
        }
    }

    /** Answers on each connection as soon as bytes arrive, whatever they are. */
    private static final class Early implements AutoCloseable {
        private final java.net.ServerSocket server = new java.net.ServerSocket(0, 10,
                InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new java.util.concurrent.CopyOnWriteArrayList<>();

        Early() throws IOException {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        sockets.add(socket);
                        Thread.ofVirtual().start(() -> answer(socket));
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }

        private static void answer(Socket socket) {
            try {
                while (socket.getInputStream().read(new byte[8192]) > 0) {
                    socket.getOutputStream().write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"
                            .getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException closed) {
                // The gate has closed it.
            }
        }

        int connections() {
            return sockets.size();
        }

        String address() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void learnsOnlyFromTheResponseToTheCallItself() {
        String registered = "{\"errno\":0,\"data\":{\"device_id\":\"%s\"}}";
        BACKEND.play((line, _) -> {
            line.write("HTTP/1.1 103 Early Hints\r\nContent-Type: application/json\r\n\r\n");
            String body = registered.formatted("right");
            String poison = registered.formatted("wrong");
            line.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body + "HTTP/1.1 200 OK\r\nContent-Length: " + poison.length() + "\r\n\r\n"
                    + poison);
        });
        assertThat(GATE.call(BOB, "POST", "/devices", "{}").json().at("/data/device_id").stringValue())
                .isEqualTo("right");
        BACKEND.play((line, _) -> line.ok("{\"errno\":1}"));
        assertThat(GATE.call(ALICE, "POST", "/devices", "{}").text()).isEqualTo("{\"errno\":1}");

        await().atMost(Duration.ofSeconds(20))
                .until(() -> BOBS.manage("GET", "/devices", "").text().contains("\"right\""));
        assertThat(BOBS.manage("GET", "/devices", "").text()).doesNotContain("wrong");
    }

    @Test
    void addsNoHeadersToARequest() {
        BACKEND.play((line, _) -> line.ok("fine"));

        assertThat(GATE.call(BOB, "POST", "/cmds?device_id=lamp").status()).isEqualTo(200);
        Received post = BACKEND.received().getLast();
        assertThat(post.header("Content-Length")).isEqualTo("0");
        assertThat(post.hasHeader("Transfer-Encoding")).isFalse();
        assertThat(get(BOB).status()).isEqualTo(200);
        for (Received request : BACKEND.received()) {
            assertThat(request.hasHeader("User-Agent")).isFalse();
            assertThat(request.hasHeader("Accept")).isFalse();
        }
        assertThat(BACKEND.received().getLast().hasHeader("Content-Length")).isFalse();
    }
}
