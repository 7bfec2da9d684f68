package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.Http2Client;
import dev.postern.support.LimitableKind;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** When and from where a credential can be used, for every kind, and on every way in. 127.0.0.2 is a trusted proxy. */
@OwnsItsGate
class CredentialLimitsTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestGate GATE = TestGate.start(new Class<?>[]{MovableClock.InTheGate.class},
            "postern.backend=" + BACKEND.address(), "postern.forwarding.trusted-proxies=127.0.0.2/32");
    private static final MovableClock CLOCK = GATE.context().getBean(MovableClock.class);
    private static final String HERE = "\"allowed_networks\":[\"192.0.2.0/24\",\"127.0.0.0/8\",\"::1\"]";
    private static final String ELSEWHERE = "\"allowed_networks\":[\"10.0.0.0/8\",\"2001:db8::/32\"]";

    private Customer customer;

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    @BeforeEach
    void newCustomer() {
        customer = LimitableKind.newCustomer(GATE);
    }

    private enum Client {
        HTTP_1 {
            @Override
            Reply call(String credential, String... headerLines) {
                return RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", with(credential, headerLines));
            }
        },
        H2C {
            @Override
            Reply call(String credential, String... headerLines) {
                try (Http2Client client = new Http2Client(GATE.port(), false)) {
                    return client.call(Http2Client.headers("GET", "/devices/lamp", with(credential, headerLines)),
                            new byte[0]);
                }
            }
        },
        /** The backend does not speak WebSocket, and refuses a handshake that the gate allows. */
        WEBSOCKET {
            @Override
            Reply call(String credential, String... headerLines) {
                try (RawWebSocket opened = RawWebSocket.connect(GATE.port(), "/devices/lamp",
                        with(credential, headerLines))) {
                    return opened.readReply();
                }
            }
        };

        abstract Reply call(String credential, String... headerLines);

        private static String[] with(String credential, String... headerLines) {
            String[] lines = Arrays.copyOf(headerLines, headerLines.length + 1);
            lines[headerLines.length] = "Authorization: Bearer " + credential;
            return lines;
        }

        void assertAllowed(String credential, String... headerLines) {
            Reply reply = call(credential, headerLines);
            assertThat(reply.status()).as(this + reply.text()).isEqualTo(this == WEBSOCKET ? 502 : 200);
        }

        void assertRefused(int status, String reason, String credential, String... headerLines) {
            BACKEND.forget();
            Reply reply = call(credential, headerLines);
            assertThat(reply.status()).as(this + reply.text()).isEqualTo(status);
            assertThat(reply.reason()).as(this + reply.text()).isEqualTo(reason);
            assertThat(BACKEND.received()).isEmpty();
        }
    }

    private LimitableKind.Made make(LimitableKind kind, String more) {
        return kind.make(GATE, customer, CLOCK.instant(), more);
    }

    private String inAMinute() {
        return "\"expires_at\":\"" + CLOCK.instant().plusSeconds(60) + "\"";
    }

    @ParameterizedTest
    @EnumSource
    void expiresThoughItIsRemembered(LimitableKind kind) {
        LimitableKind.Made made = make(kind, inAMinute());
        GATE.awaitRemembered(made.text(), "GET", "/devices/lamp", 200);
        for (Client client : Client.values()) {
            client.assertAllowed(made.text());
        }

        CLOCK.move(Duration.ofSeconds(61));

        for (Client client : Client.values()) {
            client.assertRefused(401, "credential_invalid", made.text());
        }
        assertThat(made.replace("\"expires_at\":null").status()).isEqualTo(200);
        if (kind == LimitableKind.ACCESS_TOKEN) {
            // The token was issued with the expiry time that its application had then.
            Client.HTTP_1.assertRefused(401, "credential_invalid", made.text());
        } else {
            Client.HTTP_1.assertAllowed(made.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void expiresBeforeItsFirstUse(LimitableKind kind) {
        LimitableKind.Made made = make(kind, inAMinute());

        CLOCK.move(Duration.ofSeconds(60));

        for (Client client : Client.values()) {
            client.assertRefused(401, "credential_invalid", made.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void canBeUsedFromItsNetworksOnly(LimitableKind kind) {
        LimitableKind.Made made = make(kind, HERE);
        GATE.awaitRemembered(made.text(), "GET", "/devices/lamp", 200);
        for (Client client : Client.values()) {
            client.assertAllowed(made.text());
        }

        assertThat(made.replace(ELSEWHERE).status()).isEqualTo(200);

        for (Client client : Client.values()) {
            client.assertRefused(403, "address_not_permitted", made.text());
            // The gate remembers the credential by now. It ignores the addresses that the peer states, because the peer
            // is no trusted proxy.
            client.assertRefused(403, "address_not_permitted", made.text(), "X-Forwarded-For: 10.0.0.1");
            client.assertRefused(403, "address_not_permitted", made.text(), "Forwarded: for=10.0.0.1",
                    "X-Real-IP: 10.0.0.1");
        }
        assertThat(made.replace("\"allowed_networks\":[]").status()).isEqualTo(200);
        Client.HTTP_1.assertAllowed(made.text());
    }

    @ParameterizedTest
    @EnumSource
    void isUsedFromWhereATrustedProxySays(LimitableKind kind) {
        LimitableKind.Made made = make(kind, HERE);
        assertThat(made.replace(ELSEWHERE).status()).isEqualTo(200);

        assertThat(throughProxy(made, "X-Forwarded-For: 10.0.0.1").status()).isEqualTo(200);
        assertThat(throughProxy(made, "X-Forwarded-For: 192.0.2.1, 10.0.0.1").status()).isEqualTo(200);
        assertThat(throughProxy(made, "X-Forwarded-For: 192.0.2.1, 10.0.0.1, 127.0.0.2").status()).isEqualTo(200);
        assertThat(throughProxy(made, "Forwarded: for=\"[2001:db8::1]:80\"").status()).isEqualTo(200);
        for (String forged : new String[]{"X-Forwarded-For: 10.0.0.1, 192.0.2.1", "X-Forwarded-For: unknown",
                "X-Forwarded-For: 10.0.0.1, unknown", "X-Forwarded-For: 10.0.0", "Forwarded: for=_hidden",
                "Forwarded: by=10.0.0.1", "X-Real-IP: 10.0.0.1"}) {
            Reply reply = throughProxy(made, forged);
            assertThat(reply.status()).as(forged).isEqualTo(403);
            assertThat(reply.reason()).as(forged).isEqualTo("address_not_permitted");
        }
    }

    private static Reply throughProxy(LimitableKind.Made made, String header) {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), GATE.port(),
                InetAddress.ofLiteral("127.0.0.2"), 0)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /devices/lamp HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer "
                    + made.text() + "\r\n" + header + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return RawHttp.read(socket.getInputStream(), true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void saysFromWhichAddressItCannotBeUsed() {
        LimitableKind.Made made = make(LimitableKind.STATIC_TOKEN, ELSEWHERE);

        assertThat(Client.HTTP_1.call(made.text()).json().required("detail").stringValue())
                .isEqualTo("This credential cannot be used from 127.0.0.1.");
    }

    @Test
    void anApplicationGetsNoTokensFromOtherNetworks() {
        JsonNode application = make(LimitableKind.STATIC_TOKEN, "").customer().make("/applications",
                "{\"name\":\"a\",\"kind\":\"software\"," + ELSEWHERE + "}");

        Reply refused = LimitableKind.requestToken(GATE, application, "X-Forwarded-For: 10.0.0.1");
        assertThat(refused.status()).as(refused.text()).isEqualTo(403);
        assertThat(refused.json().required("error").stringValue()).isEqualTo("unauthorized_client");
        assertThat(LimitableKind.login(GATE, application).json().required("code").intValue()).isEqualTo(403);
        assertThat(LimitableKind.authorize(GATE, application).json().required("status").intValue()).isEqualTo(43);
        JsonNode secrets = customer.manage("GET", "/applications/" + application.required("id").stringValue(), "")
                .json().required("secrets");
        assertThat(secrets.get(0).required("last_used_at").isNull()).as("not used").isTrue();
    }

    @Test
    void anApplicationThatHasExpiredGetsNoTokens() {
        JsonNode application = customer.make("/applications",
                "{\"name\":\"a\",\"kind\":\"software\"," + inAMinute() + "}");
        Reply granted = LimitableKind.requestToken(GATE, application);
        assertThat(granted.json().required("expires_in").intValue()).isBetween(1, 60);
        assertThat(LimitableKind.authorize(GATE, application).json().required("data").required("expires").intValue())
                .isEqualTo(1);

        CLOCK.move(Duration.ofSeconds(61));

        assertThat(LimitableKind.requestToken(GATE, application).json().required("error").stringValue())
                .isEqualTo("invalid_client");
        assertThat(LimitableKind.login(GATE, application).json().required("code").intValue()).isEqualTo(401);
        assertThat(LimitableKind.authorize(GATE, application).json().required("status").intValue()).isEqualTo(43);
    }

    @Test
    void keysRefusesALimitedKeyForItsLimits() {
        LimitableKind.Made elsewhere = make(LimitableKind.API_KEY, ELSEWHERE);

        assertThat(GATE.call(elsewhere.text(), "GET", "/keys").json().required("errno").intValue()).isEqualTo(40312);
        assertThat(elsewhere.replace(HERE).status()).isEqualTo(200);
        assertThat(GATE.call(elsewhere.text(), "GET", "/keys").json().required("errno").intValue()).isEqualTo(40320);
        assertThat(elsewhere.replace("\"expires_at\":\"2020-01-01T00:00:00Z\"").status()).isEqualTo(200);
        assertThat(GATE.call(elsewhere.text(), "GET", "/keys").json().required("errno").intValue()).isEqualTo(40103);
    }

    /** The owner may change what the key permits, but can neither see nor lift the limits that the operator has set. */
    @Test
    void aKeyStaysLimitedWhenItsOwnerChangesIt() {
        LimitableKind.Made made = make(LimitableKind.API_KEY, ELSEWHERE + ",\"expires_at\":\"2999-01-01T00:00:00Z\"");

        assertThat(customer.keys("PUT", "/keys/" + made.text(), "{\"title\":\"new\",\"permissions\":["
                + "{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"},{\"dev_id\":\"fan\"}]}]}")
                .required("errno").intValue()).isZero();
        assertThat(customer.keys("PUT", "/keys/" + made.text() + "/devices", "{\"add_dev_ids\":[\"door\"]}")
                .required("errno").intValue()).isZero();

        Client.HTTP_1.assertRefused(403, "address_not_permitted", made.text());
        JsonNode shown = made.show();
        assertThat(shown.required("name").stringValue()).isEqualTo("new");
        assertThat(shown.required("expires_at").stringValue()).isEqualTo("2999-01-01T00:00:00Z");
        assertThat(shown.required("allowed_networks")).hasSize(2);
        assertThat(shown.required("permissions").get(0).required("resources")).hasSize(3);
        assertThat(customer.keys("GET", "/keys", "").required("data").required("keys").get(0).propertyNames())
                .containsExactlyInAnyOrder("title", "key", "create_time", "permissions");
    }
}
