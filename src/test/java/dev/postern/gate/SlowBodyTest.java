package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.store.StoreState;
import dev.postern.support.BothLanes;
import dev.postern.support.Cable;
import dev.postern.support.ClientTokens;
import dev.postern.support.MovableClock;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A call whose IDs are in its body is decided by the records at the time when the body has arrived, however late. */
@BothLanes
@OwnsItsGate
class SlowBodyTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final Cable CABLE = new Cable(REDIS.port());
    /** The claim of a token for one use. */
    private static final String ONCE = "\"jti\":\"once\"";
    private static final String LAMP = "{\"targets\":[{\"device\":\"lamp\"}]}";

    private static final TestGate GATE = start();
    private static final MovableClock CLOCK = GATE.context().getBean(MovableClock.class);

    private final Customer customer = GATE.newCustomer();

    private static TestGate start() {
        String[] properties = REDIS.properties("postern.apis.batch.backend=" + BACKEND.address(),
                "postern.apis.batch.operations[0].call=POST /batch",
                "postern.apis.batch.operations[0].devices=body:targets[].device",
                "postern.forwarding.body-read-timeout=20s", "postern.cache.response-header=true");
        properties[1] = "spring.data.redis.port=" + CABLE.port();
        return TestGate.start(new Class<?>[]{MovableClock.InTheGate.class}, properties);
    }

    @AfterAll
    static void stop() {
        GATE.close();
        CABLE.close();
        REDIS.close();
        BACKEND.close();
    }

    @BeforeEach
    void forget() {
        BACKEND.forget();
    }

    @Test
    void isAllowedIfNothingHasChanged() {
        try (SlowCall call = new SlowCall(lampKey())) {
            assertThat(call.complete().status()).isEqualTo(200);
        }
        assertThat(new String(BACKEND.single().body(), StandardCharsets.UTF_8)).isEqualTo(LAMP);
    }

    @Test
    void isRefusedIfItsCredentialIsRevokedMeanwhile() {
        String key = lampKey();
        try (SlowCall call = new SlowCall(key)) {
            assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();

            assertRefused(call.complete(), "credential_invalid");
        }
    }

    @Test
    void isRefusedIfItsPermissionsAreReducedMeanwhile() {
        String key = lampKey();
        try (SlowCall call = new SlowCall(key)) {
            assertThat(customer.keys("PUT", "/keys/" + key, "{\"title\":\"less\",\"permissions\":"
                    + "[{\"access_methods\":[\"post\"],\"resources\":[{\"dev_id\":\"fan\"}]}]}").required("errno")
                    .intValue()).isZero();

            assertRefused(call.complete(), "device_not_permitted");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ONCE})
    void isRefusedIfItsTokenExpiresMeanwhile(String claims) {
        try (SlowCall call = new SlowCall(encrypted(claims))) {
            CLOCK.move(Duration.ofHours(1));

            assertRefused(call.complete(), "credential_invalid");
        } finally {
            CLOCK.move(Duration.ofHours(-1));
        }
    }

    @Test
    void usesUpATokenForOneUse() {
        String token = encrypted(ONCE);
        try (SlowCall call = new SlowCall(token)) {
            assertThat(call.complete().status()).isEqualTo(200);
        }
        assertUsedUp(token);
    }

    @Test
    void usesUpATokenForOneUseThoughTheDevicesOfItsProjectHaveChanged() {
        String token = encrypted(ONCE);
        try (SlowCall call = new SlowCall(token)) {
            changeHouse("\"lamp\",\"fan\"");

            assertThat(call.complete().status()).isEqualTo(200);
        }
        assertUsedUp(token);
    }

    @Test
    void isRefusedWithATokenForOneUseIfTheDeviceHasLeftItsProject() {
        try (SlowCall call = new SlowCall(encrypted(ONCE))) {
            changeHouse("\"fan\"");

            assertRefused(call.complete(), "device_not_permitted");
        }
    }

    @Test
    void isRefusedWithATokenForOneUseWhoseRsaTokenIsDeleted() {
        JsonNode made = rsaToken();
        try (SlowCall call = new SlowCall(encrypted(made, ONCE))) {
            assertThat(customer.manage("DELETE", "/rsa-tokens/" + made.required("id").stringValue(), "").status())
                    .isEqualTo(204);

            assertRefused(call.complete(), "credential_invalid");
        }
    }

    @Test
    void reportsTheStalenessAtTheTimeOfTheDecision() {
        try (SlowCall call = new SlowCall(lampKey())) {
            CABLE.cut();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> GATE.redis().changes().view().state() == StoreState.DOWN);

            Reply reply = call.complete();

            assertThat(reply.status()).as("from memory").isEqualTo(200);
            assertThat(reply.header("X-Postern-Staleness")).matches("[1-9][0-9]*\\.[0-9]+; down");
        } finally {
            CABLE.mend();
            await().atMost(Duration.ofSeconds(20)).until(() -> GATE.redis().isConnected()
                    && GATE.redis().management().isConnected()
                    && GATE.redis().changes().view().state() == StoreState.LIVE);
        }
    }

    private String lampKey() {
        return customer.newKey("[{\"access_methods\":[\"post\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
    }

    private void changeHouse(String devices) {
        assertThat(customer.manage("PUT", "/projects/house", "{\"name\":\"House\",\"devices\":[" + devices + "]}")
                .status()).isEqualTo(200);
    }

    /** An RSA token for a project with the lamp. */
    private JsonNode rsaToken() {
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp\"]}");
        return customer.make("/rsa-tokens", "{\"name\":\"slow " + customer.account()
                + "\",\"apis\":[\"batch\"],\"projects\":[\"house\"]}");
    }

    private String encrypted(String claims) {
        return encrypted(rsaToken(), claims);
    }

    private String encrypted(JsonNode made, String claims) {
        return ClientTokens.encrypted(customer.manage("GET",
                "/rsa-tokens/" + made.required("id").stringValue() + "/file", "").json(), claims);
    }

    private static void assertRefused(Reply reply, String reason) {
        assertThat(BACKEND.received()).isEmpty();
        assertThat(reply.reason()).isEqualTo(reason);
    }

    private static void assertUsedUp(String token) {
        assertThat(GATE.call(token, "POST", "/batch", LAMP).reason()).isEqualTo("credential_invalid");
        assertThat(BACKEND.received()).hasSize(1);
    }

    /** A call that has been authenticated, and whose body is waited for. */
    private static final class SlowCall implements AutoCloseable {
        private final Socket socket;

        SlowCall(String credential) {
            try {
                socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port());
                socket.setSoTimeout(20_000);
                // The gate asks for the body when it wants to read it.
                send("POST /batch HTTP/1.1\r\nHost: gate.test\r\nExpect: 100-continue\r\nContent-Length: "
                        + LAMP.length() + "\r\napi-key: " + credential + "\r\n\r\n");
                assertThat(RawHttp.line(socket.getInputStream())).contains(" 100 ");
                assertThat(RawHttp.line(socket.getInputStream())).isEmpty();
                send(LAMP.substring(0, LAMP.length() - 1));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
        }

        /** Sends the last byte. */
        Reply complete() {
            try {
                send(LAMP.substring(LAMP.length() - 1));
                return RawHttp.read(socket.getInputStream(), true);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
