package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.ScriptedBackend.Script;
import dev.postern.support.TestGate;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client gets a 101 only after the backend has sent one, and learns what the backend chose. */
@OwnsItsGate
class WebSocketHandshakeTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.apis.socket.backend=" + BACKEND.address(),
            "postern.apis.socket.operations[0].call=GET,POST /socket/{device}",
            "postern.apis.unreachable.backend=http://127.0.0.1:1",
            "postern.apis.unreachable.operations[0].call=GET /unreachable/{device}",
            "postern.forwarding.response-timeout=1500ms", "postern.forwarding.max-streams=3");
    private static final String CREDENTIAL = "api-key: " + GATE.newCustomer().masterKey();

    @BeforeEach
    void forget() {
        BACKEND.forget();
    }

    /** After each test, no WebSocket is open. */
    @AfterEach
    void leaveNothingOpen() {
        await().atMost(LIMIT).until(() -> open() == 0);
    }

    @AfterAll
    static void close() {
        GATE.close();
        BACKEND.close();
    }

    private static double open() {
        return GATE.context().getBean(MeterRegistry.class).get("postern.streams.open").gauge().value();
    }

    /** Sends a handshake and reads the reply. */
    private static Reply handshake(String... headerLines) {
        try (RawWebSocket client = connect(headerLines)) {
            return client.readReply();
        }
    }

    private static RawWebSocket connect(String... headerLines) {
        return RawWebSocket.connect(GATE.port(), "/socket/lamp", with(CREDENTIAL, headerLines));
    }

    private static String[] with(String first, String... others) {
        return Stream.concat(Stream.of(first), Stream.of(others)).toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "Sec-WebSocket-Protocol: v1, v2 | v2", "Sec-WebSocket-Protocol: v1, v2 | v1",
            "Sec-WebSocket-Protocol: v2 | v2", "Sec-WebSocket-Protocol:v1,v2 | v2"})
    void tellsTheClientWhichSubprotocolTheBackendPicked(String offer, String picked) {
        BACKEND.play(stage -> stage.upgrade("Sec-WebSocket-Protocol: " + picked).close(1000, ""));

        assertThat(handshake(offer).headers().get("Sec-WebSocket-Protocol")).containsExactly(picked);
        assertThat(BACKEND.received()).first()
                .satisfies(received -> assertThat(received.header("Sec-WebSocket-Protocol").split(", *", -1))
                        .containsExactly(offer.substring(offer.indexOf(':') + 1).strip().split(", *", -1)));
    }

    @Test
    void findsTheSubprotocolAmongThoseOfSeveralLines() {
        BACKEND.play(stage -> stage.upgrade("Sec-WebSocket-Protocol: v2").close(1000, ""));

        assertThat(handshake("Sec-WebSocket-Protocol: v1", "Sec-WebSocket-Protocol: v2")
                .header("Sec-WebSocket-Protocol")).isEqualTo("v2");
    }

    @Test
    void namesNoSubprotocolIfTheBackendPickedNone() {
        BACKEND.play(stage -> stage.upgrade().close(1000, ""));

        Reply reply = handshake("Sec-WebSocket-Protocol: v1, v2");
        assertThat(reply.status()).isEqualTo(101);
        assertThat(reply.headers()).doesNotContainKey("Sec-WebSocket-Protocol");
    }

    static List<Arguments> refusals() {
        List<Arguments> refusals = new ArrayList<>();
        for (int status : List.of(200, 204, 301, 400, 401, 403, 404, 426, 500, 503)) {
            refusals.add(refusal("status " + status, stage -> stage.head(status, "Content-Length: 0"),
                    "backend_failed", "" + status));
        }
        refusals.add(refusal("an endless body", stage -> {
            stage.head(403, "Content-Type: text/plain");
            stage.awaitEnd();
        }, "backend_failed", "403"));
        refusals.add(refusal("a large body", stage -> {
            stage.head(404, "Content-Length: 100000");
            stage.write("x".repeat(100_000));
        }, "backend_failed", "404"));
        refusals.add(refusal("a wrong accept key", stage -> stage.write(stage.upgradeHead()
                .replaceFirst("Accept: .*\r\n", "Accept: " + RawWebSocket.accept("another") + "\r\n")),
                "backend_failed", "RFC 6455"));
        refusals.add(refusal("no accept key",
                stage -> stage.write(stage.upgradeHead().replaceFirst("Sec-WebSocket-Accept: .*\r\n", "")),
                "backend_failed", "RFC 6455"));
        refusals.add(refusal("another protocol", stage -> stage.write(stage.upgradeHead()
                .replace("Upgrade: websocket", "Upgrade: h2c")), "backend_failed", "RFC 6455"));
        refusals.add(refusal("an unoffered subprotocol",
                stage -> stage.write(stage.upgradeHead("Sec-WebSocket-Protocol: v3")), "backend_failed",
                "subprotocol"));
        refusals.add(refusal("two subprotocols", stage -> stage.write(stage.upgradeHead("Sec-WebSocket-Protocol: v1",
                "Sec-WebSocket-Protocol: v2")), "backend_failed", "subprotocol"));
        refusals.add(refusal("two subprotocols in a line",
                stage -> stage.write(stage.upgradeHead("Sec-WebSocket-Protocol: v1, v2")), "backend_failed",
                "subprotocol"));
        refusals.add(refusal("an empty subprotocol",
                stage -> stage.write(stage.upgradeHead("Sec-WebSocket-Protocol: ")), "backend_failed", "subprotocol"));
        refusals.add(refusal("an extension",
                stage -> stage.write(stage.upgradeHead("Sec-WebSocket-Extensions: permessage-deflate")),
                "backend_failed", "extension"));
        refusals.add(refusal("no HTTP", stage -> stage.write("SSH-2.0-x\r\n\r\n"), "backend_failed", "HTTP"));
        refusals.add(refusal("half a head", stage -> stage.write("HTTP/1.1 101 Switching Protocols\r\nUpgr"),
                "backend_failed", ""));
        refusals.add(refusal("a head over the limit",
                stage -> stage.write(stage.upgradeHead("X-Long: " + "x".repeat(40_000))), "backend_failed", "HTTP"));
        refusals.add(refusal("nothing", _ -> {}, "backend_failed", ""));
        refusals.add(refusal("a reset", ScriptedBackend.Stage::reset, "backend_failed", ""));
        refusals.add(refusal("silence", ScriptedBackend.Stage::awaitEnd, "backend_timeout", ""));
        refusals.add(refusal("a trickle", stage -> {
            while (true) {
                stage.write("HTTP/1.1 102 Processing\r\n\r\n");
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }, "backend_timeout", ""));
        return refusals;
    }

    private static Arguments refusal(String name, Script script, String reason, String detail) {
        return Arguments.argumentSet(name, script, reason, detail);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void deniesWithout101WhenTheBackendAnswersWith(Script script, String reason, String detail) {
        BACKEND.play(script);

        try (RawWebSocket client = connect("Sec-WebSocket-Protocol: v1, v2")) {
            Reply reply = client.readReply();
            assertThat(reply.reason()).isEqualTo(reason);
            assertThat(reply.status()).isEqualTo(reason.equals("backend_timeout") ? 504 : 502);
            assertThat(reply.json().required("detail").stringValue()).contains(detail);
            assertThat(BACKEND.received()).as("the handshake is sent once").hasSize(1);

            // The connection still speaks HTTP.
            BACKEND.play(stage -> stage.head(200, "Content-Length: 0"));
            client.write(("GET /socket/lamp HTTP/1.1\r\nHost: gate.test\r\n" + CREDENTIAL + "\r\n\r\n").getBytes(
                    StandardCharsets.US_ASCII));
            assertThat(client.readReply().status()).isEqualTo(200);
        }
    }

    @Test
    void deniesWhenTheBackendCannotBeReached() {
        try (RawWebSocket client = RawWebSocket.connect(GATE.port(), "/unreachable/lamp", CREDENTIAL)) {
            assertThat(client.readReply().reason()).isEqualTo("backend_unreachable");
        }
    }

    @Test
    void skipsInterimResponses() {
        BACKEND.play(stage -> {
            stage.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            stage.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n" + stage.upgradeHead());
            RawWebSocket.ofBackend(stage.socket()).close(1000, "");
        });

        assertThat(handshake().status()).isEqualTo(101);
    }

    @Test
    void passesWhatTheBackendSendsTogetherWithItsHead() {
        BACKEND.play(stage -> {
            byte[] head = stage.upgradeHead().getBytes(StandardCharsets.US_ASCII);
            byte[] first = RawWebSocket.frame(0x81, "early".getBytes(StandardCharsets.US_ASCII), false);
            byte[] second = RawWebSocket.frame(0x82, RawWebSocket.bytes(100_000), false);
            byte[] close = RawWebSocket.frame(0x88, new byte[]{0x0f, (byte) 0xa1}, false);
            stage.write(ByteBuffer.allocate(head.length + first.length + second.length + close.length)
                    .put(head).put(first).put(second).put(close).array());
        });

        try (RawWebSocket client = RawWebSocket.open(GATE.port(), "/socket/lamp", CREDENTIAL)) {
            assertThat(client.read().text()).isEqualTo("early");
            assertThat(client.readMessage().payload()).isEqualTo(RawWebSocket.bytes(100_000));
            assertThat(client.read().code()).isEqualTo(4001);
        }
    }

    @Test
    void forwardsTheHeadersOfTheClientAndNoneOfItsOwn() {
        BACKEND.play(stage -> stage.upgrade("Set-Cookie: a=1", "Set-Cookie: b=2", "X-Backend: yes", "Keep-Alive: 5",
                "Content-Length: 7").close(1000, ""));

        Reply reply = handshake("Origin: https://page.test", "Cookie: c=3", "Accept-Language: de",
                "Sec-WebSocket-Extensions: permessage-deflate", "X-Postern-Account: forged", "X-Real-IP: 9.9.9.9");

        Received received = BACKEND.received().getFirst();
        assertThat(received.target()).isEqualTo("/socket/lamp");
        assertThat(received.header("Origin")).isEqualTo("https://page.test");
        assertThat(received.header("Cookie")).isEqualTo("c=3");
        assertThat(received.header("Accept-Language")).isEqualTo("de");
        assertThat(received.header("X-Postern-Device")).isEqualTo("lamp");
        assertThat(received.header("X-Postern-Account")).isNotEqualTo("forged").isNotEmpty();
        assertThat(received.header("Host")).isEqualTo(BACKEND.address().substring("http://".length()));
        assertThat(received.header("Connection")).isEqualToIgnoringCase("upgrade");
        assertThat(received.header("Upgrade")).isEqualTo("websocket");
        assertThat(received.header("Sec-WebSocket-Version")).isEqualTo("13");
        assertThat(received.header("Sec-WebSocket-Key")).isNotEqualTo(RawWebSocket.KEY).hasSize(24);
        assertThat(received.headers()).extracting(Map.Entry::getKey)
                .noneMatch(name -> List.of("sec-websocket-extensions", "x-real-ip", "user-agent", "accept", "api-key",
                        "content-length").contains(name.toLowerCase(Locale.ROOT)));
        assertThat(reply.headers().get("Set-Cookie")).containsExactly("a=1", "b=2");
        assertThat(reply.header("X-Backend")).isEqualTo("yes");
        assertThat(reply.headers()).doesNotContainKeys("Keep-Alive", "Content-Length", "Sec-WebSocket-Extensions");
    }

    @Test
    void addsNoOriginUserAgentOrAcceptForAClientThatSentNone() {
        BACKEND.play(stage -> stage.upgrade().close(1000, ""));

        handshake();
        assertThat(BACKEND.received().getFirst().headers()).extracting(Map.Entry::getKey)
                .doesNotContainAnyElementsOf(
                        List.of("Origin", "origin", "User-Agent", "user-agent", "Accept", "accept"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13",
            "GET|HTTP/1.1|Connection: keep-alive|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 8|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Version: 8|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Sec-WebSocket-Key: @",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: short",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Sec-WebSocket-Protocol: a,,b",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Sec-WebSocket-Protocol: a, a",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Sec-WebSocket-Protocol: a b",
            "GET|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Content-Length: 1",
            "POST|HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @|Content-Length: 0",
            "GET|HTTP/1.0|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: @"})
    void neverUpgradesAMalformedHandshake(String request) {
        BACKEND.play(stage -> stage.head(200, "Content-Length: 0"));
        String[] lines = request.replace("@", RawWebSocket.KEY).split("\\|", -1);
        String head = lines[0] + " /socket/lamp " + lines[1] + "\r\nHost: gate.test\r\n" + CREDENTIAL + "\r\n"
                + String.join("\r\n", List.of(lines).subList(2, lines.length)) + "\r\n\r\n"
                + (request.contains("Content-Length: 1") ? "x" : "");

        Reply reply = RawHttp.exchange(GATE.port(), head.getBytes(StandardCharsets.US_ASCII));

        assertThat(reply.status()).isNotEqualTo(101);
        assertThat(BACKEND.received()).noneMatch(received -> received.hasHeader("Sec-WebSocket-Key")
                && received.hasHeader("Upgrade"));
    }

    @Test
    void releasesTheBackendWhenTheClientDoesNotWait() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        BACKEND.play(stage -> {
            asked.countDown();
            stage.awaitEnd();
            released.countDown();
        });
        RawWebSocket client = connect();
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(open()).isEqualTo(1);

        client.reset();

        assertThat(released.await(1, TimeUnit.SECONDS)).as("before the backend's time is up").isTrue();
    }

    @Test
    void refusesMoreThanTheLimitUntilOthersAreClosed() {
        BACKEND.play(stage -> stage.upgrade().readClose());
        List<RawWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(RawWebSocket.open(GATE.port(), "/socket/lamp", CREDENTIAL));
        }
        assertThat(open()).isEqualTo(3);

        Reply refused = handshake();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.reason()).isEqualTo("backend_busy");
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(BACKEND.received()).hasSize(3);

        clients.forEach(RawWebSocket::close);
        await().atMost(LIMIT).until(() -> open() == 0);
        RawWebSocket.open(GATE.port(), "/socket/lamp", CREDENTIAL).close();
    }
}
