package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.Http2Client;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gate does with the heads of answers (HTTP/1.0, dates, CORS), and with the headers of proxies. */
@BothLanes
@UsesSharedGate
class AnswersTest {
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.cors.allowed-origins=https://app.test,http://localhost:3000",
            "postern.cors.exposed-headers=X-Answer", "postern.cors.allow-credentials=true",
            "postern.forwarding.trusted-proxies=127.0.0.0/8,::1/128");
    private static final String KEY = GATE.newCustomer().masterKey();

    @AfterAll
    static void close() {
        GATE.close();
        BACKEND.close();
    }

    private static String exchange(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Reply call(String method, String target, String... headers) {
        return RawHttp.call(GATE.port(), method, target, "", headers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive\n"})
    void anHttp10ClientGetsNoChunks(String header) throws IOException {
        BACKEND.play(stage -> {
            stage.head(200, "Transfer-Encoding: chunked");
            stage.chunk("one ");
            stage.chunk("two");
            stage.chunk("");
        });

        String answer = exchange("GET /devices/lamp HTTP/1.0\napi-key: " + KEY + "\n" + header + "\n");

        assertThat(answer).contains(" 200 OK\r\n").doesNotContainIgnoringCase("chunked")
                .containsIgnoringCase("Connection: close\r\n").endsWith("\r\n\r\none two");
    }

    @Test
    void anHttp10AnswerEndsWithItsConnection() throws IOException {
        BACKEND.play(stage -> stage.write("HTTP/1.1 200 OK\r\n\r\nto the end"));

        String answer = exchange("GET /devices/lamp HTTP/1.0\napi-key: " + KEY + "\n\n");

        assertThat(answer).doesNotContainIgnoringCase("chunked").endsWith("\r\n\r\nto the end");
    }

    @Test
    void aForwardedAnswerKeepsItsDateOrGetsOne() {
        BACKEND.play(stage -> stage.head(200, "Content-Length: 0"));
        assertThat(call("GET", "/devices/lamp", "api-key: " + KEY).headers().get("Date")).hasSize(1);

        BACKEND.play(stage -> stage.head(200, "Content-Length: 0", "Date: Sun, 06 Nov 1994 08:49:37 GMT"));
        assertThat(call("GET", "/devices/lamp", "api-key: " + KEY).headers().get("Date"))
                .containsExactly("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Test
    void everyAnswerNamesAnAllowedOrigin() throws IOException {
        BACKEND.play(stage -> stage.head(200, "Content-Length: 0", "Access-Control-Allow-Origin: *",
                "Vary: Accept"));
        List<Reply> replies = List.of(
                call("GET", "/devices/lamp", "Origin: https://app.test", "api-key: " + KEY),
                call("GET", "/devices/lamp", "Origin: https://app.test"),
                call("GET", "/devices/lamp", "Origin: https://app.test", "api-key: wrong"),
                call("GET", "/no/such/path", "Origin: https://app.test"),
                call("GET", "/devices/%2f", "Origin: https://app.test"),
                call("GET", "/keys", "Origin: https://app.test", "api-key: " + KEY),
                call("POST", "/oauth/token", "Origin: https://app.test"),
                call("POST", "/api/v1/user/login-app", "Origin: https://app.test"),
                call("GET", "/devices/lamp", "Origin: https://app.test", "Upgrade: websocket"));

        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.headers().get("Access-Control-Allow-Origin")).containsExactly("https://app.test");
            assertThat(reply.header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(reply.header("Access-Control-Expose-Headers")).isEqualTo("X-Answer");
            assertThat(reply.header("Vary")).containsIgnoringCase("origin");
        });
        assertThat(replies.getFirst().header("Vary")).contains("Accept");
        assertThat(replies.getLast().status()).isEqualTo(400);
    }

    @Test
    void noAnswerNamesAForeignOrigin() {
        BACKEND.play(stage -> stage.head(200, "Content-Length: 0", "Access-Control-Allow-Origin: *"));

        Reply reply = call("GET", "/devices/lamp", "Origin: https://evil.test", "api-key: " + KEY);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers()).doesNotContainKey("Access-Control-Allow-Origin");
        assertThat(reply.header("Vary")).isEqualToIgnoringCase("origin");
    }

    @Test
    void aPreflightNeedsNoCredentialAndNoBackend() {
        BACKEND.forget();
        Reply allowed = call("OPTIONS", "/devices/lamp", "Origin: http://localhost:3000",
                "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: api-key");
        Reply other = call("OPTIONS", "/keys", "Origin: https://evil.test", "Access-Control-Request-Method: PUT");

        assertThat(allowed.status()).isEqualTo(204);
        assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("http://localhost:3000");
        assertThat(allowed.header("Access-Control-Allow-Methods")).isEqualTo("GET, HEAD, POST, PUT, DELETE");
        assertThat(allowed.header("Access-Control-Allow-Headers")).isEqualTo("Authorization, api-key, Content-Type");
        assertThat(allowed.header("Access-Control-Max-Age")).isEqualTo("1800");
        assertThat(other.headers()).doesNotContainKeys("Access-Control-Allow-Origin", "Access-Control-Allow-Methods");
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void noOriginIsAllowedByDefault() {
        Reply preflight = RawHttp.call(SharedGate.GATE.port(), "OPTIONS", "/devices/lamp", "",
                "Origin: https://app.test", "Access-Control-Request-Method: PUT");

        assertThat(preflight.headers()).doesNotContainKeys("Access-Control-Allow-Origin", "Vary");
    }

    @Test
    void http2AnswersNameAnAllowedOriginToo() {
        try (Http2Client client = new Http2Client(GATE.port(), false)) {
            Reply reply = client.call(Http2Client.headers("GET", "/devices/lamp", "origin: https://app.test"),
                    new byte[0]);

            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.header("Access-Control-Allow-Origin")).isEqualTo("https://app.test");
        }
    }

    private static RecordingBackend.Received forwarded(String... headers) {
        BACKEND.forget();
        BACKEND.play(stage -> stage.head(200, "Content-Length: 0"));
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "api-key: " + KEY;
        assertThat(call("GET", "/devices/lamp", all).status()).isEqualTo(200);
        return BACKEND.received().getFirst();
    }

    @Test
    void headersOfATrustedProxyAreKept() {
        RecordingBackend.Received received = forwarded("X-Forwarded-For: 2001:db8::7", "X-Forwarded-Proto: https",
                "X-Forwarded-Host: public.test", "X-Forwarded-Port: 8443", "X-Forwarded-Prefix: /iot/v1");

        assertThat(received.header("X-Forwarded-For")).isEqualTo("2001:db8::7, 127.0.0.1");
        assertThat(received.header("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(received.header("X-Forwarded-Host")).isEqualTo("public.test");
        assertThat(received.header("X-Forwarded-Port")).isEqualTo("8443");
        assertThat(received.header("X-Forwarded-Prefix")).isEqualTo("/iot/v1");
        assertThat(received.hasHeader("Forwarded")).isFalse();
    }

    @Test
    void forwardedOfATrustedProxyIsKeptAndTranslated() {
        RecordingBackend.Received received = forwarded(
                "Forwarded: for=\"[2001:db8::7]:4711\";proto=https;host=\"public.test:8443\", for=192.0.2.1");

        assertThat(received.header("Forwarded")).isEqualTo(
                "for=\"[2001:db8::7]:4711\";proto=https;host=\"public.test:8443\", for=192.0.2.1, for=127.0.0.1");
        assertThat(received.header("X-Forwarded-For")).isEqualTo("2001:db8::7, 192.0.2.1, 127.0.0.1");
        assertThat(received.header("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(received.header("X-Forwarded-Host")).isEqualTo("public.test:8443");
    }

    /** The proxy has set the headers X-Forwarded-*, but has let the client's Forwarded through. */
    @Test
    void contradictoryForwardedIsReplaced() {
        RecordingBackend.Received received = forwarded("Forwarded: for=6.6.6.6;host=evil.test",
                "X-Forwarded-For: 2001:db8::7", "X-Forwarded-Host: public.test", "X-Forwarded-Proto: https");

        assertThat(received.header("Forwarded")).isEqualTo(
                "for=\"[2001:db8::7]\";proto=https;host=\"public.test\", for=127.0.0.1");
        assertThat(received.header("X-Forwarded-For")).isEqualTo("2001:db8::7, 127.0.0.1");
    }

    @Test
    void unreadableForwardedIsDropped() {
        RecordingBackend.Received received = forwarded("Forwarded: nonsense", "X-Forwarded-Port: 8443; x",
                "X-Forwarded-Prefix: https://evil.test/");

        assertThat(received.header("Forwarded")).isEqualTo("for=127.0.0.1");
        assertThat(received.hasHeader("X-Forwarded-Port")).isFalse();
        assertThat(received.hasHeader("X-Forwarded-Prefix")).isFalse();
    }

    @Test
    void proxyHeadersOfStrangersAreDropped() {
        SharedGate.BACKEND.forget();
        String key = SharedGate.GATE.newCustomer().masterKey();
        RawHttp.call(SharedGate.GATE.port(), "GET", "/devices/lamp", "", "api-key: " + key,
                "Forwarded: for=6.6.6.6", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil",
                "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil.test");
        RecordingBackend.Received received = SharedGate.BACKEND.single();

        assertThat(received.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(received.header("X-Forwarded-Host")).isEqualTo("gate.test");
        for (String name : List.of("Forwarded", "X-Forwarded-Port", "X-Forwarded-Prefix")) {
            assertThat(received.hasHeader(name)).as(name).isFalse();
        }
    }
}
