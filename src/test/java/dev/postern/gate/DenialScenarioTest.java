package dev.postern.gate;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.CryptoWorkers;
import dev.postern.store.EmbeddedRedis;
import dev.postern.support.BothLanes;
import dev.postern.support.ClientTokens;
import dev.postern.support.HeldWorkers;
import dev.postern.support.LicensedGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import dev.postern.telemetry.GateMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.SmartLifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Every way to be refused, over real sockets. A reason without a row fails. */
@BothLanes
@UsesSharedGate
class DenialScenarioTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final TestGate GATE_OF_LICENSES = LicensedGate.GATE;
    /** Permits reading and writing the stream gps of one device, and reading all of another device. */
    private static final String PERMISSIONS = """
            [{"access_methods":["get","post"],"resources":[{"dev_id":"lamp-1","ds_id":"gps"}]},
             {"access_methods":["get"],"resources":[{"dev_id":"lamp-2"}]}]""";

    private static Customer customer = GATE.newCustomer();
    private static String key = "";
    private static JsonNode jwtToken = NullNode.getInstance();
    private static JsonNode tokenFile = NullNode.getInstance();

    private static final Map<DenyReason, Callable<Reply>> SCENARIOS = Map.ofEntries(
            entry(DenyReason.REQUEST_AMBIGUOUS, () -> GATE.call(key, "GET", "/devices/lamp-2%2f..%2flamp-3")),
            entry(DenyReason.BODY_UNREADABLE, () -> GATE.call(key, "POST", "/devices/lamp-1/datapoints", "{")),
            entry(DenyReason.CREDENTIAL_AMBIGUOUS, () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "",
                    "api-key: " + key, "Authorization: Bearer " + key)),
            entry(DenyReason.CREDENTIAL_EMPTY, () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "",
                    "Authorization: Bearer ")),
            entry(DenyReason.CREDENTIAL_TOO_LONG, () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "",
                    "Authorization: Bearer " + "a".repeat(8193))),
            entry(DenyReason.CREDENTIAL_MALFORMED, () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "",
                    "Authorization: Bearer " + key + ", Bearer " + key)),
            entry(DenyReason.UPGRADE_INVALID,
                    () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "", "api-key: " + key,
                            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")),
            entry(DenyReason.REQUEST_MALFORMED, () -> raw("GET /devices/lamp-2 HTTP/1.1\r\n\r\n")),
            entry(DenyReason.TARGET_TOO_LONG, () -> GATE.call(key, "GET", "/devices/" + "a".repeat(17_000))),
            entry(DenyReason.HEADERS_TOO_LARGE, () -> GATE.call("a".repeat(33_000), "GET", "/devices/lamp-2")),
            entry(DenyReason.HTTP_VERSION_UNSUPPORTED,
                    () -> raw("GET /devices/lamp-2 HTTP/9.9\r\nHost: gate.test\r\n\r\n")),
            entry(DenyReason.WEBSOCKET_VERSION_UNSUPPORTED,
                    () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "", "api-key: " + key,
                            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 8",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
            entry(DenyReason.GATE_STOPPING, DenialScenarioTest::withAStoppingGate),
            entry(DenyReason.CREDENTIAL_MISSING, () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "")),
            entry(DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED,
                    () -> RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "",
                            "Authorization: Basic " + key)),
            entry(DenyReason.CREDENTIAL_UNKNOWN,
                    () -> GATE.call("Av1234567890123456789012RHxA", "GET", "/devices/lamp-2")),
            entry(DenyReason.CREDENTIAL_REVOKED, DenialScenarioTest::withDeletedToken),
            entry(DenyReason.CREDENTIAL_DISABLED, DenialScenarioTest::withTokenSwitchedOff),
            entry(DenyReason.TOKEN_MALFORMED, () -> bearer("eyJhbGciOiJIUzI1NiJ9.!.x")),
            entry(DenyReason.TOKEN_HEADER_REFUSED, () -> bearer(withHeader(
                    "{\"alg\":\"HS256\",\"kid\":\"%s\",\"jku\":\"https://keys.test\"}"))),
            entry(DenyReason.TOKEN_ALGORITHM_REFUSED,
                    () -> bearer(withHeader("{\"alg\":\"none\",\"kid\":\"%s\"}"))),
            entry(DenyReason.TOKEN_KEY_UNKNOWN, () -> bearer(withHeader("{\"alg\":\"HS256\",\"kid\":\"x\"}"))),
            entry(DenyReason.TOKEN_SIGNATURE_INVALID,
                    () -> bearer(withHeader("{\"alg\":\"HS256\",\"kid\":\"%s\"}"))),
            entry(DenyReason.TOKEN_UNDECRYPTABLE, DenialScenarioTest::withChangedCiphertext),
            entry(DenyReason.TOKEN_CLAIM_INVALID,
                    () -> signed(ClientTokens.claims("\"sub\":\"alice\",\"aud\":\"others\""))),
            entry(DenyReason.TOKEN_EXPIRED, () -> signed(lasting(-7200, -3600))),
            entry(DenyReason.TOKEN_NOT_YET_VALID, () -> signed(lasting(3600, 7200))),
            entry(DenyReason.TOKEN_LIFETIME_TOO_LONG, () -> signed(lasting(0, 100_000))),
            entry(DenyReason.TOKEN_REPLAYED, DenialScenarioTest::withTokenUsedBefore),
            entry(DenyReason.ACCOUNT_UNKNOWN,
                    () -> bearer(SharedGate.ISSUER.accessToken("nobody", "devices", "\"devices\":[\"lamp-2\"]"))),
            entry(DenyReason.CREDENTIAL_EXPIRED, () -> limited("expired", "\"expires_at\":\"2020-01-01T00:00:00Z\"")),
            entry(DenyReason.ADDRESS_NOT_PERMITTED,
                    () -> limited("elsewhere", "\"allowed_networks\":[\"10.0.0.0/8\"]")),
            entry(DenyReason.API_NOT_PERMITTED, () -> RawHttp.call(GATE.port(), "GET", "/logs/lamp-2", "",
                    "Authorization: Bearer "
                            + ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"alice\"")))),
            entry(DenyReason.USER_NOT_PERMITTED, () -> signed(ClientTokens.claims("\"sub\":\"bob\""))),
            entry(DenyReason.VERIFICATION_BUSY, DenialScenarioTest::whileTheVerifiersAreBusy),
            entry(DenyReason.ISSUER_UNAVAILABLE, () -> bearer(SharedGate.ISSUER.signed("at+jwt",
                    ClientTokens.claims("\"iss\":\"https://down.test\"")))),
            entry(DenyReason.ACCOUNT_SCOPE_REQUIRED, () -> GATE.call(key, "GET", "/devices")),
            entry(DenyReason.DEVICE_NOT_PERMITTED, () -> GATE.call(key, "GET", "/devices/lamp-3")),
            entry(DenyReason.ACTION_NOT_PERMITTED, () -> GATE.call(key, "DELETE", "/devices/lamp-2")),
            entry(DenyReason.STREAM_NOT_PERMITTED, () -> GATE.call(key, "GET",
                    "/devices/lamp-1/datapoints?datastream_id=temp")),
            entry(DenyReason.DEVICE_UNKNOWN, () -> unlicensed(GATE_OF_LICENSES.newCustomer(), 3, "nobodys")),
            entry(DenyReason.DEVICE_SHARED, DenialScenarioTest::withSharedDevice),
            entry(DenyReason.LICENSE_MINIMUM_DEVICES,
                    () -> unlicensed(GATE_OF_LICENSES.newCustomer(), 2, "device-1")),
            entry(DenyReason.LICENSE_EXPIRED, DenialScenarioTest::withLicenseThatHasEnded),
            entry(DenyReason.DEVICE_OVER_QUOTA, () -> unlicensed(GATE_OF_LICENSES.newCustomer(), 4, "device-4")),
            entry(DenyReason.OPERATION_UNKNOWN, () -> GATE.call(key, "GET", "/device/lamp-2")),
            entry(DenyReason.METHOD_UNKNOWN, () -> GATE.call(key, "PATCH", "/devices/lamp-2")),
            entry(DenyReason.BODY_TIMEOUT,
                    () -> RawHttp.exchange(GATE.port(), ("POST /devices/lamp-1/datapoints HTTP/1.1\r\n"
                            + "Host: gate.test\r\napi-key: " + key + "\r\nContent-Length: 100\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII))),
            entry(DenyReason.BODY_TOO_LARGE, () -> GATE.call(key, "POST", "/devices/lamp-1/datapoints",
                    "{\"datastreams\":[{\"id\":\"gps\",\"datapoints\":[{\"value\":\"" + "x".repeat(70_000)
                            + "\"}]}]}")),
            entry(DenyReason.INTERNAL_ERROR, () -> GATE.call(customer.masterKey(), "GET", "/failing/lamp-2")),
            entry(DenyReason.RECORD_UNREADABLE, DenialScenarioTest::withUnreadableRecord),
            entry(DenyReason.BACKEND_UNREACHABLE, () -> GATE.call(key, "GET", "/unreachable/lamp-2")),
            entry(DenyReason.BACKEND_FAILED, () -> GATE.call(key, "GET", "/hanging-up/lamp-2")),
            entry(DenyReason.BACKEND_TLS_FAILED, () -> GATE.call(key, "GET", "/plain-behind-https/lamp-2")),
            entry(DenyReason.BACKEND_NOT_CONFIGURED, () -> GATE.call(key, "GET", "/nowhere/lamp-2")),
            entry(DenyReason.STORE_UNAVAILABLE, DenialScenarioTest::whileRedisStandsStill),
            entry(DenyReason.BACKEND_BUSY, DenialScenarioTest::withTooManyCalls),
            entry(DenyReason.BACKEND_TIMEOUT, () -> GATE.call(key, "GET", "/silent/lamp-2")));

    @BeforeAll
    static void makeCredentials() {
        customer = GATE.newCustomer();
        key = customer.newKey(PERMISSIONS);
        create("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp-2\"]}");
        create("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp-2\"]}");
        jwtToken = create("/jwt-tokens", "{\"name\":\"jwt of denials\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        JsonNode rsaToken = create("/rsa-tokens",
                "{\"name\":\"rsa of denials\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        tokenFile = operate("GET", "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "").json();
    }

    private static Reply operate(String method, String target, String body) {
        return GATE.operate(method, "/api/v1/accounts/" + customer.account() + target, body);
    }

    private static JsonNode create(String target, String body) {
        Reply made = operate("POST", target, body);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    private static Reply raw(String request) {
        return RawHttp.exchange(GATE.port(), request.getBytes(StandardCharsets.US_ASCII));
    }

    private static Reply bearer(String token) {
        return RawHttp.call(GATE.port(), "GET", "/devices/lamp-2", "", "Authorization: Bearer " + token);
    }

    private static Reply signed(String claims) {
        return bearer(ClientTokens.signed(jwtToken, claims));
    }

    private static String lasting(long from, long to) {
        long now = Instant.now().getEpochSecond();
        return "{\"sub\":\"alice\",\"iat\":" + (now + from) + ",\"exp\":" + (now + to) + "}";
    }

    /**
     * A token with this header and an invalid signature. The ID of the JWT token's secret replaces %s in the header.
     */
    private static String withHeader(String header) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(header.replace("%s", jwtToken.required("secret_id").stringValue())
                .getBytes(StandardCharsets.US_ASCII)) + "."
                + base64.encodeToString(ClientTokens.claims("\"sub\":\"alice\"").getBytes(StandardCharsets.US_ASCII))
                + "." + "A".repeat(43);
    }

    private static Reply withDeletedToken() {
        JsonNode made = create("/jwt-tokens", "{\"name\":\"doomed\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        assertThat(operate("DELETE", "/jwt-tokens/" + made.required("id").stringValue(), "").status()).isEqualTo(204);
        return bearer(ClientTokens.signed(made, ClientTokens.claims("\"sub\":\"alice\"")));
    }

    private static Reply withTokenSwitchedOff() {
        JsonNode made = create("/static-tokens", "{\"name\":\"switched off\"}");
        assertThat(operate("PUT", "/static-tokens/" + made.required("id").stringValue(),
                "{\"name\":\"switched off\",\"enabled\":false,\"rules\":[]}").status()).isEqualTo(200);
        return bearer(made.required("token").stringValue());
    }

    private static Reply limited(String name, String limit) {
        return bearer(create("/static-tokens", "{\"name\":\"" + name + "\"," + limit + "}").required("token")
                .stringValue());
    }

    private static Reply withChangedCiphertext() {
        String[] parts = ClientTokens.encrypted(tokenFile, "").split("\\.", -1);
        parts[3] = (parts[3].charAt(0) == 'A' ? 'B' : 'A') + parts[3].substring(1);
        return bearer(String.join(".", parts));
    }

    private static Reply withTokenUsedBefore() {
        String token = ClientTokens.encrypted(tokenFile, "\"jti\":\"once\"");
        assertThat(bearer(token).status()).isEqualTo(200);
        SharedGate.BACKEND.forget();
        return bearer(token);
    }

    /**
     * Reads a device of an account after adding this many devices to it: device-1 and so on, each name followed by the
     * ID of the account.
     */
    private static Reply unlicensed(Customer unlicensed, int devices, String called) {
        for (int i = 1; i <= devices; i++) {
            unlicensed.make("/devices", "{\"id\":\"device-" + i + unlicensed.account() + "\",\"title\":\"n\"}");
        }
        return read(unlicensed, called + unlicensed.account());
    }

    private static Reply read(Customer reader, String device) {
        return GATE_OF_LICENSES.call(reader.masterKey(), "GET", "/devices/" + device);
    }

    private static Reply withSharedDevice() {
        Customer owner = GATE_OF_LICENSES.newCustomer();
        Customer receiver = GATE_OF_LICENSES.newCustomer();
        String device = "of-" + owner.account();
        owner.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"n\"}");
        owner.make("/devices/" + device + "/shares", "{\"account\":\"" + receiver.account() + "\"}");
        return read(receiver, device);
    }

    private static Reply withLicenseThatHasEnded() {
        Customer late = GATE_OF_LICENSES.newCustomer();
        assertThat(late.manage("PUT", "/license",
                "{\"valid_until\":\"" + LicensedGate.CLOCK.instant().plusSeconds(3600) + "\"}").status())
                .isEqualTo(200);
        LicensedGate.CLOCK.move(Duration.ofHours(1));
        return unlicensed(late, 3, "device-1");
    }

    /** Calls while all threads that verify are busy and the queue of waiting tokens is full. */
    private static Reply whileTheVerifiersAreBusy() {
        try (HeldWorkers _ = new HeldWorkers(GATE.context().getBean("verifiers", CryptoWorkers.class),
                GATE.context().getBean(TokenSettings.class).verifiers())) {
            return bearer(ClientTokens.encrypted(tokenFile, ""));
        }
    }

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
        LicensedGate.BACKEND.forget();
    }

    /** CREDENTIAL_INVALID is left out: it only stands for other reasons. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CREDENTIAL_INVALID")
    void refusesWithItsOwnReasonAndCallsNoBackend(DenyReason actual) throws Exception {
        assertThat(SCENARIOS).as("a scenario for each reason").containsKey(actual);
        double before = counted(actual);
        Reply reply = Objects.requireNonNull(SCENARIOS.get(actual)).call();

        assertThat(counted(actual)).as("the metric tells the reason").isGreaterThan(before);
        DenyReason reason = actual.forClient();
        assertThat(reply.reason()).as(reply.text()).isEqualTo(reason.word());
        if (reason != actual) {
            assertThat(reply.json().required("detail").stringValue()).as("a client is told no more")
                    .isEqualTo(reason.text());
        }
        assertThat(reply.status()).isEqualTo(reason.status());
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.json().propertyNames()).containsExactlyInAnyOrder("type", "title", "status", "detail",
                "reason",
                "code", "errno", "error", "request_id");
        assertThat(reply.json().required("errno").intValue()).isEqualTo(reason.errno());
        assertThat(reply.json().required("code").stringValue()).isEqualTo(reason.code());
        assertThat(reply.json().required("title").stringValue()).isEqualTo(reason.text());
        assertThat(reply.json().required("error").stringValue()).isEqualTo(reason.prompt());
        assertThat(reply.json().required("status").intValue()).isEqualTo(reason.status());
        assertThat(reply.text()).doesNotContain(key).doesNotContain(customer.masterKey());
        assertThat(reply.header("WWW-Authenticate")).isEqualTo(switch (reason.oauthError()) {
            case NONE -> "";
            case BARE -> "Bearer realm=\"postern\"";
            case INVALID_REQUEST, INVALID_TOKEN, INSUFFICIENT_SCOPE -> "Bearer realm=\"postern\", error=\""
                    + reason.oauthError().word() + "\", error_description=\"" + reason.text() + "\"";
        });
        if (reason.status() == 503) {
            assertThat(Integer.parseInt(reply.header("Retry-After"))).isBetween(1, 3);
        }
        assertThat(SharedGate.BACKEND.received()).as("what the backend received").isEmpty();
        assertThat(LicensedGate.BACKEND.received()).as("what the backend of the other gate received").isEmpty();
    }

    private static double counted(DenyReason reason) {
        return Stream.of(GATE, GATE_OF_LICENSES)
                .flatMap(gate -> gate.context().getBean(MeterRegistry.class).find(GateMeters.DECISIONS)
                        .tag("reason", reason.word()).counters().stream())
                .mapToDouble(Counter::count).sum();
    }

    @Test
    void namesTheAllowedMethodsOfAPath() {
        assertThat(GATE.call(key, "PATCH", "/devices/lamp-2").header("Allow").split(", ", -1))
                .containsExactlyInAnyOrder("GET", "HEAD", "PUT", "DELETE");
    }

    private static Reply withUnreadableRecord() {
        String doomed = customer.newKey(PERMISSIONS);
        String record = GATE.recordOf(doomed);
        String good = GATE.redis().run(commands -> commands.get(record)).blockOptional().orElseThrow();
        GATE.redis().run(commands -> commands.set(record, "{\"v\":1,\"account\":")).block();
        try {
            return GATE.call(doomed, "GET", "/devices/lamp-2");
        } finally {
            // Other tests on this gate export all accounts, which needs every record.
            GATE.redis().run(commands -> commands.set(record, good)).block();
        }
    }

    private static Reply whileRedisStandsStill() throws IOException, InterruptedException {
        String pid = Long.toString(GATE.context().getBean(EmbeddedRedis.class).process().orElseThrow().pid());
        // With credentials that are already in use, the gate goes on without Redis.
        String unused = customer.newKey(PERMISSIONS);
        signal("-STOP", pid);
        try {
            return GATE.call(unused, "GET", "/devices/lamp-2");
        } finally {
            signal("-CONT", pid);
        }
    }

    private static void signal(String signal, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill " + signal + " " + pid).inheritIO().start().waitFor()).isZero();
    }

    /** Asks for a WebSocket while the gate stops. */
    private static Reply withAStoppingGate() {
        SmartLifecycle webSockets = GATE.context().getBean("openWebSockets", SmartLifecycle.class);
        webSockets.stop();
        try (RawWebSocket client = RawWebSocket.connect(GATE.port(), "/socket/lamp-2", "api-key: " + key)) {
            return client.readReply();
        } finally {
            webSockets.start();
        }
    }

    /** Eight calls hold the connections and eight wait for one; the others are too many. */
    private static Reply withTooManyCalls() throws Exception {
        List<Socket> calls = new ArrayList<>();
        byte[] request = ("GET /silent/lamp-2 HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        try (ExecutorService readers = Executors.newCachedThreadPool()) {
            List<Future<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
                calls.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(request);
                out.flush();
                InputStream in = socket.getInputStream();
                replies.add(readers.submit(() -> RawHttp.read(in, true)));
            }
            Reply busy = null;
            for (Future<Reply> reply : replies) {
                Reply each = reply.get();
                assertThat(each.status()).isIn(503, 504);
                busy = each.status() == 503 ? each : busy;
            }
            assertThat(busy).as("a refused call among thirty").isNotNull();
            return busy;
        } finally {
            for (Socket socket : calls) {
                socket.close();
            }
        }
    }
}
