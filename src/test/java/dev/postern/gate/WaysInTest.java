package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.postern.support.BothLanes;
import dev.postern.support.Http2Client;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import dev.postern.support.Way;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The same rules hold for a request on every way into the gate. */
@BothLanes
@UsesSharedGate
class WaysInTest {
    private static final Map<Way, String> KEYS = new EnumMap<>(Way.class);

    private static String key(Way way) {
        return KEYS.computeIfAbsent(way, each -> each.gate().newCustomer().masterKey());
    }

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    @ParameterizedTest
    @EnumSource
    void anUnescapedQueryIsEscaped(Way way) {
        for (String raw : List.of("x={\"a\":1}", "x=100%", "x=a|b", "x=`<>^\\")) {
            SharedGate.BACKEND.forget();
            Reply reply = way.call("GET", "/devices/lamp?" + raw, "", "api-key: " + key(way));

            assertThat(reply.status()).as(raw + reply.text()).isEqualTo(200);
            assertThat(SharedGate.BACKEND.received()).singleElement()
                    .satisfies(received -> assertThat(received.target()).doesNotContain("\"", "|", "{", "`", "^"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCredentialIsLimitedToItsNetworks(Way way) {
        Customer customer = way.gate().newCustomer();
        JsonNode here = customer.make("/static-tokens", "{\"name\":\"here " + way + "\",\"allowed_networks\":"
                + "[\"127.0.0.0/8\",\"::1\"]}");
        JsonNode elsewhere = customer.make("/static-tokens", "{\"name\":\"elsewhere " + way
                + "\",\"allowed_networks\":[\"10.0.0.0/8\"]}");

        assertThat(way.call("GET", "/devices/lamp", "", "api-key: " + here.required("token").stringValue()).status())
                .isEqualTo(200);
        assertRefused(way, way.call("GET", "/devices/lamp", "", "X-Forwarded-For: 10.0.0.1",
                "api-key: " + elsewhere.required("token").stringValue()), 403, "address_not_permitted");
    }

    /** The answer comes as HTTP/2, which is of no interest here. */
    @Test
    void aRequestThatIsUpgradedToHttp2IsRepairedToo() throws IOException {
        try (Socket socket = Way.HTTP_1.newSocket(SharedGate.GATE.port())) {
            socket.getOutputStream().write(("GET http://target.test/devices/lamp?x={\"a\":1}|100% HTTP/1.1\r\n"
                    + "Host: gate.test\r\napi-key: " + key(Way.HTTP_1)
                    + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(RawHttp.line(socket.getInputStream())).contains("101");

            await().atMost(Duration.ofSeconds(20)).until(() -> !SharedGate.BACKEND.received().isEmpty());
            assertThat(SharedGate.BACKEND.single().target())
                    .isEqualTo("/devices/lamp?x=%7B%22a%22:1%7D%7C100%25");
            assertThat(SharedGate.BACKEND.single().header("X-Forwarded-Host")).isEqualTo("target.test");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bad host", "a@b", "gate.test:x", "gate.test:123456", "[::1", "a/b", "a%20b", ":80"})
    void anInvalidHostIsRefused(String host) throws IOException {
        for (Way way : Way.values()) {
            Reply reply;
            if (way.isHttp2()) {
                try (Http2Client client = way.newHttp2Client()) {
                    reply = client.call(Http2Client.headers("GET", "/devices/lamp", "api-key: " + key(way))
                            .authority(host), new byte[0]);
                }
            } else {
                reply = exchange(way, "GET /devices/lamp HTTP/1.1\r\nHost: " + host + "\r\napi-key: " + key(way)
                        + "\r\n\r\n");
            }

            assertRefused(way, reply, 400, "request_ambiguous");
        }
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aRequestWithoutHostIsRefused(Way way) throws IOException {
        Reply reply;
        if (way.isHttp2()) {
            try (Http2Client client = way.newHttp2Client()) {
                var headers = Http2Client.headers("GET", "/devices/lamp", "api-key: " + key(way));
                headers.remove(":authority");
                reply = client.call(headers, new byte[0]);
            }
        } else {
            reply = exchange(way, "GET /devices/lamp HTTP/1.1\r\napi-key: " + key(way) + "\r\n\r\n");
        }

        assertRefused(way, reply, 400, "request_malformed");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aRequestWithTwoHostsIsRefused(Way way) throws IOException {
        Reply reply = way.isHttp2()
                ? way.call("GET", "/devices/lamp", "", "api-key: " + key(way), "host: other.test")
                : exchange(way, "GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\nHost: gate.test\r\napi-key: "
                        + key(way) + "\r\n\r\n");

        assertRefused(way, reply, 400, "request_malformed");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aTargetThatIsTooLongIsRefusedWithItsReason(Way way) {
        Reply reply = way.call("GET", "/devices/" + "a".repeat(20_000), "", "api-key: " + key(way));

        assertRefused(way, reply, 414, "target_too_long");
    }

    @ParameterizedTest
    @EnumSource
    void headersThatAreTooLargeAreRefusedWithTheirReason(Way way) {
        Reply reply = way.call("GET", "/devices/lamp", "", "X-Large: " + "a".repeat(40_000));

        assertRefused(way, reply, 431, "headers_too_large");
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerHasADate(Way way) {
        List<Reply> replies = List.of(way.call("GET", "/devices/lamp", "", "api-key: " + key(way)),
                way.call("GET", "/devices/lamp", ""),
                way.call("GET", "/devices/lamp", "", "api-key: wrong"),
                way.call("GET", "/no/such/path", "", "api-key: " + key(way)),
                way.call("GET", "/keys", "", "api-key: " + key(way)),
                way.call("POST", "/oauth/token", "grant_type=x"),
                way.call("GET", "/devices/" + "a".repeat(20_000), ""),
                way.call("HEAD", "/devices/lamp", ""));

        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.headers().get("Date")).as("%s", reply).hasSize(1);
            assertThat(reply.header("Date")).matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} [\\d:]{8} GMT");
            assertThat(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(reply.header("Date"))))
                    .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        });
    }

    private static Reply exchange(Way way, String request) throws IOException {
        try (Socket socket = way.newSocket(way.gate().port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return RawHttp.read(in, true);
        }
    }

    private static void assertRefused(Way way, Reply reply, int status, String reason) {
        assertThat(reply.status()).as("%s %s", way, reply.text()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo(reason);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.header("Date")).isNotEmpty();
    }
}
