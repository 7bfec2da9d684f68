package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ClientTokens;
import dev.postern.support.Http2Client;
import dev.postern.support.LoggedCalls;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.SloppyBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Each call has exactly one line in the request log, however it ends. */
@NeedsTheMachine
class RequestLogTest {
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final SloppyBackend BACKEND = new SloppyBackend((line, _) -> line.ok("first"));
    private static final ScriptedBackend SOCKETS = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.apis.socket.backend=" + SOCKETS.address(),
            "postern.apis.socket.operations[0].call=GET /socket/{device}", "postern.express.enabled=true",
            "postern.request-log.mode=all", "postern.forwarding.trusted-proxies=127.0.0.0/8");
    private static final LoggedCalls LOG = new LoggedCalls();
    private static final Customer CUSTOMER = GATE.newCustomer();
    private static final String MASTER = CUSTOMER.masterKey();

    /** How a call takes its lane. */
    enum By {
        EXPRESS, CHAIN;

        /** A head with a TE is not plain. */
        Reply call(String method, String target, String... lines) {
            return RawHttp.call(GATE.port(), method, target, "", with(lines));
        }

        String[] with(String... lines) {
            List<String> all = new ArrayList<>(List.of(lines));
            if (this == CHAIN) {
                all.add("TE: trailers");
            }
            return all.toArray(String[]::new);
        }

        String word() {
            return this == EXPRESS ? "express" : "chain";
        }
    }

    @BeforeEach
    void begin() {
        BACKEND.play((line, _) -> line.ok("hello"));
        LOG.forget();
    }

    @AfterEach
    void noEventLoopWrites() {
        assertThat(LOG.threads()).isSubsetOf("postern-request-log");
    }

    @AfterAll
    static void stop() {
        LOG.close();
        GATE.close();
        BACKEND.close();
        SOCKETS.close();
    }

    private static String text(JsonNode line, String member) {
        return line.required(member).stringValue();
    }

    private static void assertEnd(JsonNode line, By by, String outcome, int status, String reason) {
        assertThat(text(line, "lane")).as(line.toString()).isEqualTo(by.word());
        assertThat(text(line, "outcome")).as(line.toString()).isEqualTo(outcome);
        assertThat(line.path("status").asInt(0)).as(line.toString()).isEqualTo(status);
        assertThat(line.path("reason").asString("")).as(line.toString()).isEqualTo(reason);
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void saysWhoCalledWhatAndHowItEnded(By by) {
        Reply reply = by.call("GET", "/devices/lamp/datastreams/t?secret=hidden", "api-key: " + MASTER,
                "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01", "X-Forwarded-For: 192.0.2.7");

        assertThat(reply.text()).isEqualTo("hello");
        JsonNode line = LOG.single();
        assertEnd(line, by, "allowed", 200, "");
        assertThat(line.propertyNames()).containsExactly("time", "request_id", "trace_id", "method", "api", "operation",
                "devices", "account", "credential", "outcome", "status", "lane", "duration_ms", "backend_ms",
                "response_bytes", "client_address");
        assertThat(text(line, "time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(text(line, "request_id"))
                .isEqualTo(BACKEND.received().getLast().header("X-Postern-Request-Id"));
        assertThat(text(line, "trace_id")).isEqualTo(TRACE);
        assertThat(text(line, "method")).isEqualTo("GET");
        assertThat(text(line, "api")).isEqualTo("datastreams");
        assertThat(text(line, "operation")).isEqualTo("/devices/{device}/datastreams/{stream}");
        assertThat(line.required("devices").get(0).stringValue()).isEqualTo("lamp");
        assertThat(text(line, "account")).isEqualTo(CUSTOMER.account());
        assertThat(text(line, "credential")).isEqualTo(BACKEND.received().getLast().header("X-Postern-Credential"));
        assertThat(line.required("duration_ms").doubleValue())
                .isGreaterThanOrEqualTo(line.required("backend_ms").doubleValue()).isPositive();
        assertThat(line.required("response_bytes").intValue()).isEqualTo("hello".length());
        assertThat(text(line, "client_address")).isEqualTo("192.0.2.7");
    }

    @Test
    void logsTheCallsOfOneConnectionAndOfHttp2() {
        try (Http2Client client = new Http2Client(GATE.port(), false)) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.call(Http2Client.headers("GET", "/devices/lamp", "api-key: " + MASTER), new byte[0])
                        .status()).isEqualTo(200);
            }
            assertThat(client.call(Http2Client.headers("GET", "/devices/lamp"), new byte[0]).status()).isEqualTo(401);
        }

        List<JsonNode> lines = LOG.await(4);
        lines.subList(0, 3).forEach(line -> assertEnd(line, By.CHAIN, "allowed", 200, ""));
        assertEnd(lines.getLast(), By.CHAIN, "denied", 401, "credential_missing");
        assertThat(lines.stream().map(line -> text(line, "request_id")).distinct()).hasSize(4);
    }

    @Test
    void logsPipelinedCallsOfBothLanesOnOneConnection() throws IOException {
        String express = "GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + MASTER + "\r\n\r\n";
        String chain = "PATCH /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + MASTER + "\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.getOutputStream().write((express + chain + express + chain).getBytes(StandardCharsets.US_ASCII));

            List<JsonNode> lines = LOG.await(4);
            assertEnd(lines.getFirst(), By.EXPRESS, "allowed", 200, "");
            assertEnd(lines.get(1), By.CHAIN, "denied", 405, "method_unknown");
            assertEnd(lines.get(2), By.EXPRESS, "allowed", 200, "");
            assertEnd(lines.get(3), By.CHAIN, "denied", 405, "method_unknown");
        }
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void saysTheTrueReasonOfADenial(By by) {
        String limited = CUSTOMER.newKey(READ_LAMP);
        LOG.forget();

        assertThat(by.call("GET", "/devices/fan", "api-key: " + limited).reason()).isEqualTo("device_not_permitted");
        assertThat(by.call("GET", "/devices/fan", "api-key: nobody-has-this").status()).isEqualTo(401);
        assertThat(by.call("GET", "/devices/fan").status()).isEqualTo(401);

        List<JsonNode> lines = LOG.await(3);
        assertEnd(lines.getFirst(), by, "denied", 403, "device_not_permitted");
        assertThat(lines.getFirst().required("devices").get(0).stringValue()).isEqualTo("fan");
        assertThat(lines.getFirst().required("response_bytes").intValue()).isPositive();
        assertEnd(lines.get(1), by, "denied", 401, "credential_unknown");
        assertEnd(lines.get(2), by, "denied", 401, "credential_missing");
        // From callers that are not authenticated, an ID could be anything.
        assertThat(lines.get(1).has("devices") || lines.get(2).has("account")).isFalse();
    }

    @Test
    void logsRequestsThatAreRefusedBeforeTheyAreRead() {
        RawHttp.exchange(GATE.port(), "GET /devices HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        RawHttp.exchange(GATE.port(), "GET /dev%zzices HTTP/1.1\r\nHost: gate.test\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        RawHttp.exchange(GATE.port(), "SECRET /nowhere HTTP/1.1\r\nHost: gate.test\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));

        List<JsonNode> lines = LOG.await(3);
        assertEnd(lines.getFirst(), By.CHAIN, "denied", 400, "request_malformed");
        assertEnd(lines.get(1), By.CHAIN, "denied", 400, "request_ambiguous");
        assertEnd(lines.get(2), By.CHAIN, "denied", 404, "operation_unknown");
        assertThat(text(lines.get(2), "method")).isEqualTo("other");
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void saysThatTheBackendFailed(By by) {
        BACKEND.play((line, _) -> line.close());
        assertThat(by.call("POST", "/cmds?device_id=lamp", "api-key: " + MASTER).status()).isEqualTo(502);
        BACKEND.play((line, _) -> {
            line.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            line.close();
        });
        try {
            by.call("GET", "/devices/lamp", "api-key: " + MASTER);
        } catch (RuntimeException brokenOff) {
            assertThat(brokenOff).isNotNull();
        }

        List<JsonNode> lines = LOG.await(2);
        assertEnd(lines.getFirst(), by, "failed", 502, "backend_failed");
        assertThat(lines.getFirst().has("backend_ms")).isFalse();
        assertEnd(lines.get(1), by, "failed", 200, "backend_failed");
        assertThat(lines.get(1).required("response_bytes").intValue()).isEqualTo("half".length());
    }

    @ParameterizedTest
    @EnumSource(By.class)
    void saysThatTheClientIsGone(By by) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        BACKEND.play((_, _) -> arrived.countDown());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\n"
                    + String.join("\r\n", by.with("api-key: " + MASTER)) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        }

        assertEnd(LOG.single(), by, "aborted", 0, "");
    }

    @ParameterizedTest
    @CsvSource({"false, allowed, ''", "true, revoked, credential_unknown"})
    void logsAWebSocketWhenItIsClosed(boolean revoked, String outcome, String reason) {
        SOCKETS.play(stage -> {
            RawWebSocket opened = stage.upgrade();
            opened.readClose();
            opened.close(1000, "");
        });
        JsonNode made = CUSTOMER.make("/static-tokens", "{\"name\":\"socket-" + revoked + "\"}");
        LOG.forget();
        try (RawWebSocket socket = RawWebSocket.open(GATE.port(), "/socket/lamp",
                "api-key: " + text(made, "token"))) {
            assertThat(LOG.texts()).isEmpty();
            if (revoked) {
                assertThat(CUSTOMER.manage("DELETE", "/static-tokens/" + text(made, "id"), "").status()).isEqualTo(204);
            } else {
                socket.close(1000, "");
            }
            socket.readClose();
        }

        JsonNode line = LOG.single();
        assertEnd(line, By.CHAIN, outcome, 101, reason);
        assertThat(text(line, "operation")).isEqualTo("/socket/{device}");
    }

    @Test
    void logsNoCallsThatTheGateAnswersItself() {
        assertThat(CUSTOMER.keys("GET", "/keys", "").required("errno").intValue()).isZero();
        assertThat(GATE.operate("GET", "/api/v1/accounts", "").status()).isEqualTo(200);
        assertThat(By.CHAIN.call("GET", "/devices/lamp", "api-key: " + MASTER).status()).isEqualTo(200);

        assertThat(text(LOG.single(), "operation")).isEqualTo("/devices/{device}");
    }

    @Test
    void hasNoSecretOfAnyCredential() {
        List<String> secrets = credentials();
        LOG.forget();
        int calls = 0;
        for (String secret : secrets) {
            for (By by : By.values()) {
                assertThat(by.call("GET", "/devices/lamp?token=" + secret.replace("=", "%3D"), "api-key: " + secret)
                        .status()).as(secret).isEqualTo(200);
                by.call("GET", "/devices/lamp", "Authorization: Bearer " + secret + "x", "User-Agent: " + secret);
                by.call("GET", "/devices/" + secret.replace("=", "%3D"));
                calls += 3;
            }
        }

        LOG.await(calls);
        for (String secret : secrets) {
            assertThat(LOG.texts()).noneMatch(line -> line.contains(secret))
                    .noneMatch(line -> line.contains(secret.substring(0, secret.length() - 4)));
        }
    }

    private static List<String> credentials() {
        CUSTOMER.make("/projects", "{\"id\":\"p\",\"name\":\"P\",\"devices\":[\"lamp\"]}");
        CUSTOMER.make("/users", "{\"id\":\"u\",\"name\":\"U\",\"devices\":[\"lamp\"]}");
        JsonNode application = CUSTOMER.make("/applications", "{\"name\":\"s\",\"kind\":\"software\"}");
        String basic = Base64.getEncoder().encodeToString((text(application, "app_key") + ":"
                + text(application, "app_secret")).getBytes(StandardCharsets.US_ASCII));
        String access = text(RawHttp.call(GATE.port(), "POST", "/oauth/token", "grant_type=client_credentials",
                "Authorization: Basic " + basic, "Content-Type: application/x-www-form-urlencoded").json(),
                "access_token");
        JsonNode rsa = CUSTOMER.make("/rsa-tokens", "{\"name\":\"rsa\",\"apis\":[\"devices\"],\"projects\":[\"p\"]}");
        JsonNode file = CUSTOMER.manage("GET", "/rsa-tokens/" + text(rsa, "id") + "/file", "").json();
        JsonNode jwt = CUSTOMER.make("/jwt-tokens", "{\"name\":\"jwt\",\"apis\":[\"devices\"],\"users\":[\"u\"]}");
        return List.of(MASTER, CUSTOMER.newKey(READ_LAMP),
                text(CUSTOMER.make("/static-tokens", "{\"name\":\"static\"}"), "token"), access,
                ClientTokens.encrypted(file, ""),
                ClientTokens.signed(jwt, ClientTokens.claims("\"sub\":\"u\"")));
    }

    @Test
    void dropsNothingHere() {
        assertThat(GATE.context().getBean(MeterRegistry.class).get("postern.request.log.dropped").functionCounter()
                .count()).isZero();
    }
}
