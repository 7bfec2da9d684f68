package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;

/** What an allowed call looks like to the backend, and its reply to the client. */
@BothLanes
@UsesSharedGate
class ForwardingTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Customer CUSTOMER = GATE.newCustomer();
    private static final String KEY = CUSTOMER.newKey("""
            [{"access_methods":["get","post","put","delete"],"resources":[{"dev_id":"lamp"}]},
             {"access_methods":["get","post"],"resources":[{"dev_id":"half","ds_id":"gps"}]}]""");

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    private static Received forwarded(String target, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "api-key: " + KEY;
        Reply reply = RawHttp.call(GATE.port(), "GET", target, "", all);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return SharedGate.BACKEND.single();
    }

    @Test
    void namesTheCallerAndTheDevice() {
        Received received = forwarded("/devices/lamp");

        assertThat(received.header("X-Postern-Account")).isEqualTo(CUSTOMER.account());
        assertThat(received.header("X-Postern-Device")).isEqualTo("lamp");
        assertThat(received.header("X-Postern-Credential")).hasSize(22).isNotEqualTo(KEY.substring(0, 22));
        assertThat(received.header("X-Postern-Request-Id")).hasSize(16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api-key: ", "api-key:", "Authorization: Bearer ", "Authorization: bearer  ",
            "AUTHORIZATION: BEARER ",
            "Authorization: "})
    void keepsTheCredentialFromTheBackend(String header) {
        Reply reply = RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", header + KEY);

        assertThat(reply.status()).isEqualTo(200);
        Received received = SharedGate.BACKEND.single();
        assertThat(received.headers().toString()).doesNotContain(KEY);
        assertThat(received.hasHeader("Authorization")).isFalse();
        assertThat(received.hasHeader("api-key")).isFalse();
    }

    @Test
    void overwritesItsOwnHeaders() {
        Received received = forwarded("/devices/lamp", "X-Postern-Account: someone-else", "x-postern-device: victim",
                "X-Postern-Anything: forged", "X_Postern_Account: someone-else", "X_POSTERN-DEVICE: victim");

        assertThat(received.header("X-Postern-Account")).isEqualTo(CUSTOMER.account());
        assertThat(received.header("X-Postern-Device")).isEqualTo("lamp");
        assertThat(received.headers().toString()).doesNotContain("someone-else", "victim", "forged");
    }

    @Test
    void dropsHopByHopHeaders() {
        Received received = forwarded("/devices/lamp", "Connection: keep-alive, X-Secret-Hop, X-Postern-Account",
                "X-Secret-Hop: 1", "Keep-Alive: timeout=5", "TE: trailers", "Proxy-Authorization: Basic eA==",
                "X-HTTP-Method-Override: DELETE", "X-Original-URL: /devices/victim", "X-Kept: yes");

        assertThat(received.header("X-Kept")).isEqualTo("yes");
        assertThat(received.header("X-Postern-Account")).as("named by Connection, but not the client's to take away")
                .isEqualTo(CUSTOMER.account());
        for (String dropped : List.of("X-Secret-Hop", "Keep-Alive", "TE", "Proxy-Authorization",
                "X-HTTP-Method-Override",
                "X-Original-URL")) {
            assertThat(received.hasHeader(dropped)).as(dropped).isFalse();
        }
    }

    @Test
    void dropsHopByHopHeadersOfTheReply() {
        Reply reply = GATE.call(KEY, "GET", "/devices/lamp");

        assertThat(reply.header("X-Backend")).isEqualTo("yes");
        assertThat(reply.headers()).doesNotContainKey("X-Hop");
    }

    @Test
    void ignoresForwardedHeadersOfStrangers() {
        Received received = forwarded("/devices/lamp", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https",
                "X-Forwarded-Host: evil.test", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil",
                "Forwarded: for=6.6.6.6",
                "X-Real-IP: 6.6.6.6", "Host: gate.test");

        assertThat(received.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(received.header("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(received.header("X-Forwarded-Host")).isEqualTo("gate.test");
        assertThat(received.headers().toString()).doesNotContain("6.6.6.6", "evil");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices/lamp?a=b=c&d=%20%25", "//devices///lamp//?a=b%3Dc&d=%20%25",
            "http://other.test/devices/lamp?a=b%3Dc&&d=%20%25&", "/%64evices/l%61mp?a=b%3Dc&d=%20%25"})
    void rebuildsTheTarget(String target) {
        assertThat(forwarded(target).target()).isEqualTo("/devices/lamp?a=b%3Dc&d=%20%25");
    }

    @Test
    void rebuildsTheIdsOfQueryAndHeader() {
        String both = CUSTOMER
                .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"a\"},{\"dev_id\":\"b\"}]}]");

        assertThat(
                RawHttp.call(GATE.port(), "GET", "/devices/status?devIds=a%2Cb&devIds=%61&x=1", "", "api-key: " + both)
                        .status())
                .isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().target()).isEqualTo("/devices/status?devIds=a,b&devIds=a&x=1");
        assertThat(SharedGate.BACKEND.single().header("X-Postern-Device")).isEqualTo("a,b");
        SharedGate.BACKEND.forget();
        assertThat(
                RawHttp.call(GATE.port(), "GET", "/by-header", "", "api-key: " + both, "X-Device: a, b", "x-device: b")
                        .status())
                .isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().header("X-Device")).isEqualTo("a,b,b");
    }

    @Test
    void findsDevicesInTheBody() {
        String body = "{ \"targets\": [ {\"device\":\"lamp\"}, {\"device\":\"lamp\",\"x\":1} ],\n\t\"more\":\"\\u00e9\" }";

        assertThat(GATE.call(KEY, "POST", "/batch", body).status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).as("byte for byte").asString().isEqualTo(body);
        SharedGate.BACKEND.forget();
        assertThat(GATE.call(KEY, "POST", "/batch", "{\"targets\":[{\"device\":\"lamp\"},{\"device\":\"victim\"}]}")
                .reason())
                .isEqualTo("device_not_permitted");
        assertThat(GATE.call(KEY, "POST", "/batch", "{\"targets\":[]}").reason()).isEqualTo("account_scope_required");
        assertThat(GATE.call(KEY, "POST", "/batch", "").reason()).isEqualTo("body_unreadable");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void forwardsAChunkedBodyUnchanged() throws IOException {
        String json = "{\"datastreams\":[{\"id\":\"gps\"}]}";
        Reply reply = RawHttp.exchange(GATE.port(),
                ("POST /devices/half/datapoints HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n" + json.substring(0, 16) + "\r\n"
                        + Integer.toHexString(json.length() - 16) + "\r\n" + json.substring(16) + "\r\n0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo(json);
    }

    @Test
    void forwardsBinaryBodiesUnchanged() {
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);

        assertThat(RawHttp.call(GATE.port(), "PUT", "/devices/lamp", bytes, "api-key: " + KEY,
                "Content-Encoding: gzip", "Expect: 100-continue").status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).isEqualTo(bytes);
        assertThat(SharedGate.BACKEND.single().header("Content-Encoding")).isEqualTo("gzip");
    }

    @Test
    void searchesNoCompressedBodyForIds() {
        assertThat(RawHttp.call(GATE.port(), "POST", "/devices/half/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}",
                "api-key: " + KEY, "Content-Encoding: gzip").reason()).isEqualTo("body_unreadable");
    }

    @Test
    void answersHeadLikeGet() {
        assertThat(GATE.call(KEY, "HEAD", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(KEY, "HEAD", "/devices/victim").status()).isEqualTo(403);
    }

    @Test
    void forwardsServerSentEventsAsTheyArrive() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /events/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(nextData(in)).isEqualTo("data: first");
            // Only now does the backend go on: the first one was not held back for company.
            SharedGate.STREAMING.secondEvent.countDown();
            assertThat(nextData(in)).isEqualTo("data: second");
        }
    }

    private static String nextData(InputStream in) throws IOException {
        String line = RawHttp.line(in);
        while (!line.startsWith("data:")) {
            line = RawHttp.line(in);
        }
        return line;
    }

    @Test
    void refusesServerSentEventsOfAnotherDevice() {
        assertThat(GATE.call(KEY, "GET", "/events/victim").reason()).isEqualTo("device_not_permitted");
    }

    @Test
    void cancelsTheBackendCallWhenTheClientDisconnects() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /endless/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            RawHttp.line(socket.getInputStream());
        }
        assertThat(SharedGate.STREAMING.callerGone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void forwardsWebSocketsAfterTheSameCheck() throws Exception {
        CompletableFuture<String> echo = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                echo.complete(text.toString());
                return WebSocket.Listener.super.onText(socket, text, last);
            }
        };
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder().header("Authorization", "Bearer " + KEY)
                    .buildAsync(URI.create("ws://127.0.0.1:" + GATE.port() + "/socket/lamp"), listener)
                    .get(20, TimeUnit.SECONDS);
            socket.sendText("hello", true).get(20, TimeUnit.SECONDS);
            assertThat(echo.get(20, TimeUnit.SECONDS)).isEqualTo("echo hello");
            socket.abort();

            assertThatThrownBy(() -> client.newWebSocketBuilder().header("Authorization", "Bearer " + KEY)
                    .buildAsync(URI.create("ws://127.0.0.1:" + GATE.port() + "/socket/victim"), listener)
                    .get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(WebSocketHandshakeException.class)
                    .cause()
                    .satisfies(failure -> assertThat(((WebSocketHandshakeException) failure).getResponse().statusCode())
                            .isEqualTo(403));
        }
    }

    @Test
    void speaksHttp2WithoutTls() {
        reactor.netty.http.client.HttpClient client = reactor.netty.http.client.HttpClient.create()
                .protocol(HttpProtocol.H2C).baseUrl("http://127.0.0.1:" + GATE.port())
                .headers(h -> h.set("api-key", KEY));

        assertThat(client.get().uri("/devices/lamp").response().map(response -> response.status().code()).block())
                .isEqualTo(200);
        assertThat(client.get().uri("/devices/victim").response().map(response -> response.status().code()).block())
                .isEqualTo(403);
        assertThat(
                client.get().uri("/devices/..%2fvictim").response().map(response -> response.status().code()).block())
                .isEqualTo(400);
        assertThat(client.post().uri("/devices/half/datapoints")
                .send(Flux.just("{\"datastreams\":", "[{\"id\":\"gps\"}]}")
                        .map(text -> io.netty.buffer.Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)))
                .responseSingle((response, body) -> Mono.just(response.status().code())).block()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.received()).extracting(Received::target)
                .containsExactly("/devices/lamp", "/devices/half/datapoints");
    }

    @Test
    void acceptsABodyFromAClientThatOffersHttp2() throws Exception {
        String body = "x".repeat(100_000);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> reply = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + GATE.port()
                    + "/devices/lamp")).header("api-key", KEY).PUT(HttpRequest.BodyPublishers.ofString(body)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(reply.statusCode()).isEqualTo(200);
        }
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo(body);
    }

    @Test
    void speaksHttp2AfterAnUpgrade() throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest request = HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + GATE.port() + "/devices/lamp"))
                    .header("api-key", KEY).build();
            HttpResponse<String> first = client.send(request, HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> second = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(List.of(first.statusCode(), second.statusCode())).containsOnly(200);
            assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
        assertThat(SharedGate.BACKEND.received()).hasSize(2).allSatisfy(received -> {
            assertThat(received.header("X-Postern-Device")).isEqualTo("lamp");
            assertThat(received.hasHeader("HTTP2-Settings")).isFalse();
        });
    }
}
