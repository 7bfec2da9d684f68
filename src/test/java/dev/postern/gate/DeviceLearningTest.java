package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.proxy.DeviceListener;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.ScriptedBackend.Script;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.GateMeters.Learned;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/** The gate learns from replies which devices an account has, without changing or delaying the replies. */
@OwnsItsGate
class DeviceLearningTest {
    private static final String NAMED = "{\"errno\":0,\"error\":\"succ\",\"data\":{\"device_id\":\"lamp\"}}";
    private static final int BOUND = 64 * 1024;

    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final List<String> TOLD = new CopyOnWriteArrayList<>();
    private static final TestGate GATE = TestGate.start(new Class<?>[]{Recording.class},
            "postern.apis.devices.backend=" + BACKEND.address(), "postern.apis.logs.backend=" + BACKEND.address(),
            "postern.apis.filtered.backend=" + BACKEND.address(),
            "postern.apis.filtered.operations[0].call=POST /filtered",
            "postern.apis.filtered.operations[0].registers=body:id",
            "postern.apis.filtered.filters[0]=SetStatus=201",
            "postern.apis.redirected.backend=" + BACKEND.address(),
            "postern.apis.redirected.operations[0].call=DELETE /redirected/{device}",
            "postern.apis.redirected.operations[0].removes=true",
            "postern.apis.redirected.filters[0]=RedirectTo=302, http://elsewhere.test",
            "postern.apis.broken.backend=http://127.0.0.1:1",
            "postern.apis.broken.operations[0].call=POST /broken",
            "postern.apis.broken.operations[0].registers=body:id");
    private static final Customer CUSTOMER = GATE.newCustomer();

    private Map<Learned, Double> before = Map.of();

    @BeforeEach
    void forget() {
        TOLD.clear();
        BACKEND.forget();
        before = counts();
    }

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    /** A listener that writes down what it is told. */
    @Configuration(proxyBeanMethods = false)
    static class Recording {
        /** The gate uses this listener whatever else listens. */
        @Bean
        @Primary
        DeviceListener recordingListener() {
            return new DeviceListener() {
                @Override
                public void registered(AccountId account, DeviceId device) {
                    TOLD.add("registered " + device + " of " + account);
                    if (device.value().equals("defect")) {
                        throw new IllegalStateException("a defect of the listener");
                    }
                }

                @Override
                public void removed(AccountId account, DeviceId device) {
                    TOLD.add("removed " + device + " of " + account);
                }
            };
        }
    }

    private static Map<Learned, Double> counts() {
        MeterRegistry registry = GATE.context().getBean(MeterRegistry.class);
        Map<Learned, Double> counts = new EnumMap<>(Learned.class);
        for (Learned outcome : Learned.values()) {
            Counter counter = registry.find(GateMeters.LEARNED).tag("outcome", outcome.word()).counter();
            counts.put(outcome, counter == null ? 0 : counter.count());
        }
        return counts;
    }

    /** What was counted since the test began. */
    private Map<Learned, Double> counted() {
        Map<Learned, Double> counted = new EnumMap<>(Learned.class);
        counts().forEach((outcome, count) -> {
            double more = count - before.getOrDefault(outcome, 0.0);
            if (more > 0) {
                counted.put(outcome, more);
            }
        });
        return counted;
    }

    private static Reply call(String method, String target) {
        return GATE.call(CUSTOMER.masterKey(), method, target);
    }

    private static String registered(String device) {
        return "registered " + device + " of " + CUSTOMER.account();
    }

    private static String removed(String device) {
        return "removed " + device + " of " + CUSTOMER.account();
    }

    private static Script whole(int status, String body, String... headerLines) {
        return whole(status, body.getBytes(StandardCharsets.UTF_8), headerLines);
    }

    private static Script whole(int status, byte[] body, String... headerLines) {
        List<String> lines = new ArrayList<>(List.of(headerLines));
        lines.add("Content-Length: " + body.length);
        return stage -> {
            stage.head(status, lines.toArray(String[]::new));
            stage.write(body);
        };
    }

    private static Script chunks(String contentType, String... chunks) {
        return stage -> {
            stage.head(200, "Content-Type: " + contentType, "Transfer-Encoding: chunked");
            for (String chunk : chunks) {
                stage.chunk(chunk);
            }
            stage.chunk("");
        };
    }

    /** One reply in every way in which it can be on the wire. */
    static Stream<Script> waysOfSending() {
        String[] letters = NAMED.chars().mapToObj(Character::toString).toArray(String[]::new);
        return Stream.of(whole(200, NAMED, "Content-Type: application/json"), whole(201, NAMED),
                stage -> {
                    stage.head(200, "Content-Type: application/json", "Content-Length: " + NAMED.length());
                    for (String letter : letters) {
                        stage.write(letter);
                    }
                },
                chunks("application/json", NAMED), chunks("text/event-stream", NAMED),
                chunks("application/json", letters), chunks("text/event-stream", letters),
                // This reply ends with its connection.
                stage -> {
                    stage.head(200, "Content-Type: application/json");
                    stage.write(NAMED);
                },
                whole(200, NAMED, "Content-Encoding: identity"));
    }

    @ParameterizedTest
    @MethodSource("waysOfSending")
    void learnsOfADeviceBeforeTheClientHasTheReply(Script script) {
        BACKEND.play(script);

        for (String target : List.of("/devices", "/register_de?register_code=x")) {
            TOLD.clear();
            Reply reply = call("POST", target);

            // Without waiting: a client that has the reply may use the device at once.
            assertThat(TOLD).containsExactly(registered("lamp"));
            assertThat(reply.status()).isBetween(200, 201);
            assertThat(reply.text()).isEqualTo(NAMED);
        }
        assertThat(counted()).isEqualTo(Map.of(Learned.REGISTERED, 2.0));
    }

    @ParameterizedTest
    @MethodSource("waysOfSending")
    void learnsFromHttp2(Script script) {
        BACKEND.play(script);
        HttpClient client = HttpClient.create().protocol(HttpProtocol.H2C).baseUrl("http://127.0.0.1:" + GATE.port())
                .headers(h -> h.set("api-key", CUSTOMER.masterKey()));

        assertThat(client.post().uri("/devices").responseContent().aggregate().asString().block()).isEqualTo(NAMED);
        assertThat(TOLD).containsExactly(registered("lamp"));
    }

    @Test
    void leavesTheReplyUnchanged() {
        byte[] body = "{ \"errno\" : 0,\r\n\t\"data\":{\"device_id\":39593230, \"more\":\"\\u00e9 é\"} }\n\n"
                .getBytes(StandardCharsets.UTF_8);
        BACKEND.play(
                whole(203, body, "Content-Type: text/plain; charset=utf-8", "X-Own: 1", "X-Own: 2", "ETag: \"x\""));

        Reply reply = call("POST", "/devices");

        assertThat(TOLD).containsExactly(registered("39593230"));
        assertThat(reply.status()).isEqualTo(203);
        assertThat(reply.body()).isEqualTo(body);
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(body.length));
        assertThat(reply.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(reply.header("X-Own")).isEqualTo("1, 2");
        assertThat(reply.header("ETag")).isEqualTo("\"x\"");
        assertThat(reply.headers()).doesNotContainKey("Transfer-Encoding");
    }

    static Stream<Script> successfulRemovals() {
        return Stream.of(stage -> stage.head(204), whole(200, ""), whole(200, "{\"errno\":0,\"error\":\"succ\"}"),
                whole(202, "gone", "Content-Type: text/plain"), chunks("text/plain", "go", "ne"),
                chunks("text/event-stream"));
    }

    @ParameterizedTest
    @MethodSource("successfulRemovals")
    void learnsThatADeviceIsGone(Script script) {
        BACKEND.play(script);

        assertThat(call("DELETE", "/devices/l%61mp?device_id=other").status()).isBetween(200, 204);
        assertThat(TOLD).containsExactly(removed("lamp"));
        assertThat(counted()).isEqualTo(Map.of(Learned.REMOVED, 1.0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "200 | {\"errno\":5,\"error\":\"no\",\"data\":{\"device_id\":\"lamp\"}}",
            "404 | {\"errno\":0,\"data\":{\"device_id\":\"lamp\"}}",
            "500 | {\"errno\":0,\"data\":{\"device_id\":\"lamp\"}}",
            "302 | {\"errno\":0,\"data\":{\"device_id\":\"lamp\"}}",
            "599 | {\"errno\":0,\"data\":{\"device_id\":\"lamp\"}}"})
    void learnsNothingFromAFailure(int status, String body) {
        BACKEND.play(whole(status, body));

        for (Reply reply : List.of(call("POST", "/devices"), call("DELETE", "/devices/lamp"))) {
            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.text()).isEqualTo(body);
        }
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEqualTo(Map.of(Learned.UNSUCCESSFUL, 2.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "gone", "{\"errno\":0,\"data\":{\"device_id\":\"a/b\"}}",
            "{\"errno\":0,\"data\":{\"device_id\":\"lamp\"}",
            "{\"errno\":0,\"data\":{\"device_id\":\"lamp\",\"deviceId\":\"other\"}}",
            "{\"errno\":0,\"_data\":{\"device_id\":\"other\"},\"data\":{\"device_id\":\"lamp\"}}",
            "{\"errno\":0,\"errNo\":5,\"data\":{\"device_id\":\"lamp\"}}"})
    void learnsNothingFromAReplyThatNamesNoDeviceForCertain(String body) {
        BACKEND.play(whole(200, body));

        assertThat(call("POST", "/devices").text()).isEqualTo(body);
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEqualTo(Map.of(Learned.UNREADABLE, 1.0));
    }

    @Test
    void asksForAnUncompressedReply() {
        BACKEND.play(whole(200, NAMED));

        RawHttp.call(GATE.port(), "POST", "/devices", "{}", "api-key: " + CUSTOMER.masterKey(),
                "Accept-Encoding: gzip, br", "Accept: */*");
        RawHttp.call(GATE.port(), "PUT", "/devices/lamp", "{}", "api-key: " + CUSTOMER.masterKey(),
                "Accept-Encoding: gzip, br");

        assertThat(BACKEND.received()).extracting(received -> received.header("Accept-Encoding"))
                .containsExactly("", "gzip, br");
        assertThat(BACKEND.received()).extracting(received -> received.hasHeader("Accept-Encoding"))
                .containsExactly(false, true);
        assertThat(BACKEND.received()).extracting(received -> received.header("Accept")).first().isEqualTo("*/*");
    }

    @Test
    void learnsNothingFromAReplyThatIsCompressedAnyway() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(NAMED.getBytes(StandardCharsets.UTF_8));
        }
        BACKEND.play(whole(200, compressed.toByteArray(), "Content-Encoding: gzip"));

        for (Reply reply : List.of(call("POST", "/devices"), call("DELETE", "/devices/lamp"))) {
            assertThat(reply.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(reply.body()).isEqualTo(compressed.toByteArray());
        }
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEqualTo(Map.of(Learned.UNREADABLE, 2.0));
    }

    @Test
    void copiesNoMoreThanItsBound() {
        String most = NAMED + " ".repeat(BOUND - NAMED.length());
        BACKEND.play(whole(200, most));
        assertThat(call("POST", "/devices").text()).isEqualTo(most);
        BACKEND.play(chunks("application/json", most.substring(0, 40), most.substring(40)));
        assertThat(call("POST", "/devices").text()).isEqualTo(most);
        assertThat(TOLD).containsExactly(registered("lamp"), registered("lamp"));

        TOLD.clear();
        String more = most + " ";
        BACKEND.play(whole(200, more));
        assertThat(call("POST", "/devices").text()).isEqualTo(more);
        BACKEND.play(chunks("application/json", most, " "));
        assertThat(call("POST", "/devices").text()).isEqualTo(more);
        BACKEND.play(chunks("text/event-stream", most, " ", most));
        assertThat(call("DELETE", "/devices/lamp").text()).isEqualTo(more + most);
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEqualTo(Map.of(Learned.REGISTERED, 2.0, Learned.TOO_LARGE, 3.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 54", "Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Type: text/event-stream"})
    void learnsNothingFromAReplyThatBreaksOff(String framing) throws IOException {
        boolean chunked = framing.contains("chunked");
        // If it is chunked, the whole text arrives, but not the last chunk, before which more text might have come.
        // Otherwise, only a part of the text arrives.
        String sent = chunked ? NAMED : NAMED.substring(0, 40);
        for (boolean reset : new boolean[]{false, true}) {
            for (String target : List.of("POST /devices", "DELETE /devices/lamp")) {
                CountDownLatch arrived = new CountDownLatch(1);
                BACKEND.play(stage -> {
                    stage.head(200, framing.split("\r\n", -1));
                    if (chunked) {
                        stage.chunk(sent);
                    } else {
                        stage.write(sent);
                    }
                    arrived.await();
                    if (reset) {
                        stage.reset();
                    }
                });
                try (Socket socket = connect(target)) {
                    InputStream in = socket.getInputStream();
                    skipHead(in);
                    assertThat(part(in, chunked, sent.length())).isEqualTo(sent);
                    arrived.countDown();
                    assertThat(in.readAllBytes()).as("the end of a reply that is whole").isEmpty();
                }
            }
        }
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEqualTo(Map.of(Learned.BROKEN_OFF, 4.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 54", "Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Type: text/event-stream"})
    void streamsTheReplyWithoutDelay(String framing) throws IOException {
        boolean chunked = framing.contains("chunked");
        CountDownLatch firstHalfArrived = new CountDownLatch(1);
        BACKEND.play(stage -> {
            stage.head(200, framing.split("\r\n", -1));
            for (String half : List.of(NAMED.substring(0, 30), NAMED.substring(30))) {
                if (chunked) {
                    stage.chunk(half);
                } else {
                    stage.write(half);
                }
                firstHalfArrived.await();
            }
            if (chunked) {
                stage.chunk("");
            }
        });
        try (Socket socket = connect("POST /devices")) {
            InputStream in = socket.getInputStream();
            skipHead(in);
            assertThat(part(in, chunked, 30)).isEqualTo(NAMED.substring(0, 30));
            assertThat(TOLD).isEmpty();
            // Only now does the backend go on.
            firstHalfArrived.countDown();
            assertThat(part(in, chunked, NAMED.length() - 30)).isEqualTo(NAMED.substring(30));
            if (chunked) {
                assertThat(RawHttp.line(in)).isEqualTo("0");
            }
            assertThat(TOLD).containsExactly(registered("lamp"));
        }
    }

    @Test
    void learnsAsSoonAsTheLastByteArrives() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        BACKEND.play(stage -> {
            stage.head(200, "Content-Length: " + NAMED.length());
            stage.write(NAMED);
            over.await();
        });
        try (Socket socket = connect("POST /devices")) {
            // The client reads nothing of it.
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(TOLD).hasSize(1));
            assertThat(RawHttp.read(socket.getInputStream(), true).text()).isEqualTo(NAMED);
        } finally {
            over.countDown();
        }
        assertThat(TOLD).containsExactly(registered("lamp"));
        assertThat(counted()).isEqualTo(Map.of(Learned.REGISTERED, 1.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 54", "Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Type: text/event-stream"})
    void learnsNothingIfTheClientDisconnectsBeforeTheEnd(String framing) throws IOException {
        boolean chunked = framing.contains("chunked");
        BACKEND.play(stage -> {
            stage.head(200, framing.split("\r\n", -1));
            if (chunked) {
                stage.chunk(NAMED);
            } else {
                stage.write(NAMED.substring(0, 40));
            }
            stage.awaitEnd();
        });
        try (Socket socket = connect("POST /devices")) {
            skipHead(socket.getInputStream());
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(counted()).isEqualTo(Map.of(Learned.BROKEN_OFF, 1.0)));
        assertThat(TOLD).isEmpty();
    }

    @Test
    void repliesEvenIfTheListenerFails() {
        String body = NAMED.replace("lamp", "defect");
        for (Script script : List.of(whole(200, body), chunks("application/json", body),
                chunks("text/event-stream", body))) {
            BACKEND.play(script);
            assertThat(call("POST", "/devices").text()).isEqualTo(body);
        }
        assertThat(counted()).isEqualTo(Map.of(Learned.FAILED, 3.0));
    }

    @Test
    void learnsNothingFromCallsWithoutAnEffect() {
        BACKEND.play(whole(200, NAMED));
        for (String call : List.of("GET /devices", "GET /devices/lamp", "PUT /devices/lamp", "GET /logs/lamp")) {
            assertThat(call(call.split(" ", -1)[0], call.split(" ", -1)[1]).text()).isEqualTo(NAMED);
        }
        BACKEND.play(stage -> stage.head(200, "Content-Length: " + NAMED.length()));
        assertThat(call("HEAD", "/devices").status()).isEqualTo(200);
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEmpty();
    }

    @Test
    void learnsNothingFromCallsThatReachNoBackend() {
        BACKEND.play(whole(200, NAMED));
        String limited = CUSTOMER.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");

        assertThat(GATE.call(limited, "DELETE", "/devices/lamp").status()).isEqualTo(403);
        assertThat(GATE.call(limited, "POST", "/devices").status()).isEqualTo(403);
        assertThat(call("POST", "/broken").reason()).isEqualTo("backend_unreachable");
        assertThat(call("DELETE", "/redirected/lamp").status()).as("a filter answers").isEqualTo(302);
        assertThat(BACKEND.received()).isEmpty();
        assertThat(TOLD).isEmpty();
        assertThat(counted()).isEmpty();
    }

    @Test
    void usesTheStatusOfTheBackendRatherThanThatOfAFilter() {
        BACKEND.play(whole(500, "{\"id\":\"lamp\"}"));
        assertThat(call("POST", "/filtered").status()).isEqualTo(201);
        assertThat(TOLD).isEmpty();

        BACKEND.play(whole(200, "{\"id\":\"lamp\"}"));
        assertThat(call("POST", "/filtered").status()).isEqualTo(201);
        assertThat(TOLD).containsExactly(registered("lamp"));
        assertThat(counted()).isEqualTo(Map.of(Learned.UNSUCCESSFUL, 1.0, Learned.REGISTERED, 1.0));
    }

    @Test
    void namesTheAccountOfTheCaller() {
        BACKEND.play(whole(200, NAMED));
        Customer other = GATE.newCustomer();
        String key = other.newKey("[{\"access_methods\":[\"delete\"],\"resources\":[{\"dev_id\":\"half\"}]}]");

        GATE.call(other.masterKey(), "POST", "/devices");
        GATE.call(key, "DELETE", "/devices/half");

        assertThat(TOLD).containsExactly("registered lamp of " + other.account(), "removed half of " + other.account());
        assertThat(BACKEND.received()).extracting(Received::target).containsExactly("/devices", "/devices/half");
    }

    private static Socket connect(String call) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write((call + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + CUSTOMER.masterKey()
                + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void skipHead(InputStream in) throws IOException {
        String line = RawHttp.line(in);
        assertThat(line).contains(" 200 ");
        while (!line.isEmpty()) {
            line = RawHttp.line(in);
        }
    }

    /** Reads this many bytes of the body, in any number of chunks. */
    private static String part(InputStream in, boolean chunked, int length) throws IOException {
        if (!chunked) {
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int size = Integer.parseInt(RawHttp.line(in), 16);
            text.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
            RawHttp.line(in);
        }
        return text.toString();
    }
}
