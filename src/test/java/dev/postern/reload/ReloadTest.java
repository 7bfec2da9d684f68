package dev.postern.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.KeepAlive;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RecordingBackend;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a reload on demand changes, and what it leaves as it is. */
@OwnsItsGate
class ReloadTest {
    private static final RecordingBackend ONE = new RecordingBackend();
    private static final RecordingBackend TWO = new RecordingBackend();
    private static final ScriptedBackend SLOW = new ScriptedBackend();
    private static final Path FOLDER = folder();
    private static final Path FILE = FOLDER.resolve("application.yml");
    private static final TestGate GATE = start();
    private static final Customer CUSTOMER = GATE.newCustomer();

    private static Path folder() {
        try {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "reload-");
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static TestGate start() {
        write(plain(ONE));
        return TestGate.start("spring.config.additional-location=file:" + FOLDER + "/", "postern.reload.watch=false",
                "postern.express.response-header=true",
                "spring.cloud.gateway.server.webflux.routes[0].id=of-the-operator",
                "spring.cloud.gateway.server.webflux.routes[0].uri=" + SLOW.address(),
                "spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/route/**");
    }

    @AfterAll
    static void stop() {
        GATE.close();
        ONE.close();
        TWO.close();
        SLOW.close();
    }

    @BeforeEach
    void begin() {
        write(plain(ONE));
        assertThat(reload().status()).isEqualTo(200);
        ONE.forget();
        TWO.forget();
        SLOW.forget();
    }

    private static void write(String yaml) {
        try {
            Files.writeString(FILE, yaml);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String plain(RecordingBackend backend) {
        return """
                postern:
                  backend: %s
                  forwarding.connection-max-idle: 300ms
                  apis:
                    things:
                      operations:
                        - call: GET,POST /things/{device}
                """.formatted(backend.address());
    }

    private static Reply reload() {
        return GATE.operate("POST", "/api/v1/config:reload", "");
    }

    private static JsonNode reloaded() {
        Reply reply = reload();
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.stringValue()));
        return texts;
    }

    private static Reply call(String method, String target) {
        return GATE.call(CUSTOMER.masterKey(), method, target);
    }

    @Test
    void saysWhatChangedAndUsesIt() {
        assertThat(call("GET", "/things/lamp").status()).isEqualTo(200);
        write(plain(TWO) + """
                    extra:
                      operations:
                        - call: GET /extra/{device}
                """);

        JsonNode report = reloaded();

        assertThat(report.required("outcome").stringValue()).isEqualTo("changed");
        assertThat(texts(report.required("apis").required("added"))).containsExactly("extra");
        assertThat(texts(report.required("apis").required("changed"))).contains("things", "devices");
        assertThat(texts(report.required("settings"))).containsExactly("postern.backend");
        assertThat(call("GET", "/things/lamp").status()).isEqualTo(200);
        assertThat(call("GET", "/extra/lamp").status()).isEqualTo(200);
        assertThat(ONE.received()).hasSize(1);
        assertThat(TWO.received()).hasSize(2);
        assertThat(GATE.operate("GET", "/api/v1/apis", "").text()).contains("/extra/{device}");

        write(plain(TWO));
        assertThat(texts(reloaded().required("apis").required("removed"))).containsExactly("extra");
        assertThat(call("GET", "/extra/lamp").reason()).isEqualTo("operation_unknown");
    }

    @Test
    void doesNothingIfNothingChanged() {
        assertThat(reloaded().required("outcome").stringValue()).isEqualTo("unchanged");
        write("# a comment\n" + plain(ONE));
        assertThat(reloaded().required("outcome").stringValue()).isEqualTo("unchanged");
    }

    @Test
    void namesTheSettingsThatNeedARestart() {
        write(plain(ONE) + "  cors:\n    max-age: 1h\nlogging.level.some.thing: debug\n");

        JsonNode report = reloaded();

        assertThat(report.required("outcome").stringValue()).isEqualTo("unchanged");
        assertThat(texts(report.required("needs_restart"))).containsExactly("logging.level.some.thing",
                "postern.cors.max-age");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - call: GET things                     | 10 | postern.apis.more.operations[0].call
            - call: GET /more/{device}\\n          device: query:d | 11 | no such setting: postern.apis.more.operations[0].device
            - call: GET /more/{device}\\n      backend: nowhere | 11 | postern.apis.more.backend
            - call: GET /more/{device}\\n      filters:\\n        - NoSuchFilter=1 | 12 | postern.apis.more.filters
            - call: [GET                           | 11 | not valid YAML
            - call: GET /more/{device}\\n  forwarding:\\n    max-connections: many | 12 | postern.forwarding.max-connections
            - call: GET /more/{device}\\n  forwarding:\\n    max-connections: 0 | 12 | postern.forwarding.max-connections
            - call: GET /more/{device}\\n  backends:\\n    b:\\n      address: http://b\\n      ssl-bundle: none | 14 | postern.backends.b.ssl-bundle
            """)
    void refusesAMistakeAndSaysWhereItIs(String rest, int line, String reason) {
        write(plain(ONE).replace("things", "other") + "    more:\n      operations:\n        "
                + rest.replace("\\n", "\n") + "\n");

        Reply refused = reload();

        assertThat(refused.status()).as(refused.text()).isEqualTo(422);
        assertThat(refused.reason()).isEqualTo("config_invalid");
        assertThat(refused.json().required("detail").stringValue()).contains(FILE + ":" + line + ": ").contains(reason);
        assertThat(call("GET", "/things/lamp").status()).isEqualTo(200);
        assertThat(metrics()).contains("postern_config_last_reload_successful 0.0");
        write(plain(ONE));
        assertThat(reload().status()).isEqualTo(200);
        assertThat(metrics()).contains("postern_config_last_reload_successful 1.0");
    }

    private static String metrics() {
        return RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text();
    }

    @Test
    void refusesToDoWithoutAFileThatWasThere() throws IOException {
        Files.delete(FILE);
        assertThat(reload().json().required("detail").stringValue()).startsWith(FILE + ": the file was there");
        Files.createDirectory(FILE);
        assertThat(reload().reason()).isEqualTo("config_invalid");
        Files.delete(FILE);
        Files.createSymbolicLink(FILE, FOLDER.resolve("nothing"));
        assertThat(reload().reason()).isEqualTo("config_invalid");
        Files.delete(FILE);
        assertThat(call("GET", "/things/lamp").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n"})
    void refusesAFileThatWasEmptied(String content) {
        write(content);

        assertThat(reload().json().required("detail").stringValue()).startsWith(FILE + ": the file has no setting");
        assertThat(call("GET", "/things/lamp").status()).isEqualTo(200);
    }

    @Test
    void letsNoSampleAccountReachARealBackend() throws IOException {
        Path file = Files.createDirectory(FOLDER.resolve("demo")).resolve("application.yml");
        Files.writeString(file, "postern.forwarding.max-pending: 10\n");
        try (TestGate gate = TestGate.start("postern.demo=true",
                "spring.config.additional-location=file:" + file.getParent() + "/", "postern.reload.watch=false")) {
            Files.writeString(file, "postern.backend: " + ONE.address() + "\n");

            Reply refused = gate.operate("POST", "/api/v1/config:reload", "");

            assertThat(refused.reason()).isEqualTo("config_invalid");
            assertThat(refused.json().required("detail").stringValue()).startsWith(file + ":1: postern.backend: ");
        }
    }

    @Test
    void isForAdministrators() {
        assertThat(RawHttp.call(GATE.managementPort(), "POST", "/api/v1/config:reload", "").status()).isEqualTo(401);
        assertThat(RawHttp.call(GATE.managementPort(), "POST", "/api/v1/config:reload", "",
                "Authorization: Bearer " + CUSTOMER.masterKey()).status()).isIn(401, 403, 404);
    }

    /** Two versions in which the device is at another place in the path, and the backend is another one. */
    private static String version(boolean first) {
        String path = first ? "{device}/{other}" : "{other}/{device}";
        String backend = (first ? ONE : TWO).address();
        return plain(ONE) + """
                    express:
                      backend: %1$s
                      operations:
                        - call: GET,PUT /express/%2$s
                    chain:
                      backend: %1$s
                      operations:
                        - call: GET,PUT /chain/%2$s
                      filters:
                        - AddRequestHeader=X-Version, %3$s
                """.formatted(backend, path, first ? "1" : "2");
    }

    @Test
    void givesEachCallUnderLoadOneVersion() throws Exception {
        write(version(true));
        reloaded();
        String key = CUSTOMER.newKey("[{\"access_methods\":[\"get\",\"put\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
        AtomicBoolean over = new AtomicBoolean();
        Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            for (String lane : List.of("express", "chain")) {
                for (String rest : List.of("lamp/pump", "pump/lamp")) {
                    running.add(callers.submit(() -> {
                        try (KeepAlive connection = new KeepAlive(GATE)) {
                            for (int i = 0; !over.get(); i++) {
                                Reply reply = i % 4 == 0
                                        ? connection.call("PUT", "/" + lane + "/" + rest, "x",
                                                List.of("api-key: " + key))
                                        : connection.call(key, "GET", "/" + lane + "/" + rest);
                                assertThat(reply.header("X-Postern-Lane"))
                                        .isEqualTo(TestGate.usesExpressLane() ? lane : "chain");
                                outcomes.computeIfAbsent(rest + " " + lane + " " + reply.status()
                                        + (reply.status() == 200 ? "" : reply.reason()), _ -> new AtomicInteger())
                                        .incrementAndGet();
                            }
                        }
                        return null;
                    }));
                }
            }
            for (int flip = 0; flip < 12; flip++) {
                write(version(flip % 2 == 1));
                assertThat(reloaded().required("outcome").stringValue()).isEqualTo("changed");
            }
            over.set(true);
            for (Future<?> each : running) {
                each.get(20, TimeUnit.SECONDS);
            }
        }

        Set<String> expected = new TreeSet<>();
        for (String lane : List.of("express", "chain")) {
            for (String rest : List.of("lamp/pump", "pump/lamp")) {
                expected.add(rest + " " + lane + " 200");
                expected.add(rest + " " + lane + " 403device_not_permitted");
            }
        }
        assertThat(outcomes.keySet()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(outcomes.values().stream().mapToInt(AtomicInteger::get).sum()).isGreaterThan(500);
        assertThat(ONE.received()).isNotEmpty().allSatisfy(received -> {
            assertThat(received.target()).endsWith("/lamp/pump");
            assertThat(received.header("X-Version")).isIn("", "1");
        });
        assertThat(TWO.received()).isNotEmpty().allSatisfy(received -> {
            assertThat(received.target()).endsWith("/pump/lamp");
            assertThat(received.header("X-Version")).isIn("", "2");
        });
    }

    private static String slow(boolean removed) {
        return plain(ONE) + """
                  backends:
                    narrow:
                      address: %1$s
                      max-connections: 2
                """.formatted(SLOW.address()) + (removed ? "" : """
                  apis.slow:
                    backend: %1$s
                    operations:
                      - call: GET,PUT /slow/{device}
                      - call: POST /slow/{device}
                        streams: body:id
                """.formatted(SLOW.address()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"express", "chain"})
    void finishesCallsToAnApiThatItRemoves(String lane) throws Exception {
        write(slow(false) + (lane.equals("express") ? "" : "    filters: [\"AddRequestHeader=X-A, b\"]\n"));
        reloaded();
        CountDownLatch inBackend = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        SLOW.play(stage -> {
            inBackend.countDown();
            try {
                answer.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            stage.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        String key = "api-key: " + CUSTOMER.masterKey();
        try (ExecutorService callers = Executors.newFixedThreadPool(2);
                Socket body = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            body.getOutputStream().write(("POST /slow/lamp HTTP/1.1\r\nHost: gate\r\n" + key
                    + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\"")
                    .getBytes(StandardCharsets.US_ASCII));
            // Its slot is taken, because the body need not be read for the decision.
            await().until(() -> metrics().contains("postern_backend_active{backend=\"narrow\",kind=\"call\"} 1.0"));
            Future<Reply> holds = callers.submit(() -> call("GET", "/slow/lamp"));
            assertThat(inBackend.await(20, TimeUnit.SECONDS)).isTrue();
            Future<Reply> waits = callers.submit(() -> call("PUT", "/slow/lamp"));
            await().until(() -> metrics().contains("postern_backend_waiting{backend=\"narrow\",kind=\"call\"} 1.0"));

            write(slow(true));
            reloaded();
            assertThat(call("GET", "/slow/lamp").reason()).isEqualTo("operation_unknown");
            answer.countDown();

            assertThat(holds.get(20, TimeUnit.SECONDS).text()).isEqualTo("ok");
            assertThat(waits.get(20, TimeUnit.SECONDS).text()).isEqualTo("ok");
            body.getOutputStream().write(":\"a\"}".getBytes(StandardCharsets.US_ASCII));
            assertThat(RawHttp.read(body.getInputStream(), true).text()).isEqualTo("ok");
        }
    }

    @Test
    void closesWebSocketsWhoseOperationItRemovesAndLeavesOthersOpen() {
        String sockets = """
                    %1$s:
                      backend: %2$s
                      operations:
                        - call: GET /%1$s/{device}
                """;
        write(plain(ONE) + sockets.formatted("kept", SLOW.address()) + sockets.formatted("gone", SLOW.address()));
        reloaded();
        SLOW.play(stage -> {
            RawWebSocket opened = stage.upgrade();
            while (true) {
                RawWebSocket.Frame frame = opened.read();
                if (frame.opcode() == RawWebSocket.CLOSE) {
                    return;
                }
                opened.write(RawWebSocket.frame(0x80 | RawWebSocket.TEXT, frame.payload(), false));
            }
        });
        String key = "api-key: " + CUSTOMER.masterKey();
        try (RawWebSocket kept = RawWebSocket.open(GATE.port(), "/kept/lamp", key);
                RawWebSocket gone = RawWebSocket.open(GATE.port(), "/gone/lamp", key);
                RawWebSocket onRoute = RawWebSocket.open(GATE.port(), "/route/other/lamp", key);
                RawWebSocket takenOver = RawWebSocket.open(GATE.port(), "/route/lamp", key)) {
            write(plain(ONE) + sockets.formatted("kept", TWO.address()) + sockets.formatted("route", SLOW.address()));
            reloaded();

            assertThat(gone.readClose().reason()).isEqualTo("operation_unknown");
            // From a route of the operator, on which a call is not for a device.
            assertThat(takenOver.readClose().reason()).isEqualTo("operation_unknown");
            for (RawWebSocket open : List.of(kept, onRoute)) {
                open.text("still here");
                assertThat(open.read().text()).isEqualTo("still here");
            }
        }
    }

    @Test
    void changesTheLimitsOfABackendAndForgetsARemovedOne() {
        write(slow(false));
        assertThat(texts(reloaded().required("backends").required("added"))).containsExactly("narrow");
        SLOW.play(stage -> stage.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        assertThat(call("GET", "/slow/lamp").text()).isEqualTo("ok");
        assertThat(metrics()).contains("postern_backend_active{backend=\"narrow\"");

        write(slow(false).replace("max-connections: 2", "max-connections: 3"));
        assertThat(texts(reloaded().required("backends").required("changed"))).containsExactly("narrow");
        assertThat(call("GET", "/slow/lamp").text()).isEqualTo("ok");

        write(plain(ONE).replace("300ms", "200ms"));
        JsonNode report = reloaded();
        assertThat(texts(report.required("backends").required("removed"))).containsExactly("narrow");
        assertThat(texts(report.required("settings"))).containsExactly("postern.forwarding.connection-max-idle");
        await().atMost(Duration.ofSeconds(40)).until(() -> !metrics().contains("backend=\"narrow\""));
    }
}
