package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawWebSocket;
import dev.postern.support.RawWebSocket.Frame;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An open WebSocket closes when its call would not be allowed any more. */
@OwnsItsGate
class StreamRightsTest {
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = start();
    private final BlockingQueue<Frame> toldToBackend = new LinkedBlockingQueue<>();

    private static TestGate start(String... more) {
        String[] properties = new String[more.length + 5];
        properties[0] = "postern.backend=" + BACKEND.address();
        properties[1] = "postern.apis.socket.operations[0].call=GET /socket/{device}";
        properties[2] = "postern.license.enabled=true";
        properties[3] = "postern.forwarding.idle-timeout=60s";
        properties[4] = "postern.license.minimum-devices=1";
        System.arraycopy(more, 0, properties, 5, more.length);
        return TestGate.start(properties);
    }

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    /** Sends the first message back, and then waits for a Close. */
    @BeforeEach
    void echo() {
        BACKEND.play(stage -> {
            RawWebSocket opened = stage.upgrade();
            while (true) {
                Frame frame = opened.read();
                if (frame.opcode() == RawWebSocket.CLOSE) {
                    toldToBackend.add(frame);
                    return;
                }
                opened.write(RawWebSocket.frame(0x80 | RawWebSocket.TEXT, frame.payload(), false));
            }
        });
    }

    private static Customer customer(String device) {
        Customer customer = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"d\"}");
        return customer;
    }

    private static String permission(String device) {
        return "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"" + device + "\"}]}]";
    }

    private static RawWebSocket open(TestGate gate, String key, String device) {
        RawWebSocket socket = RawWebSocket.open(gate.port(), "/socket/" + device, "api-key: " + key);
        socket.text("hello");
        assertThat(socket.read().text()).isEqualTo("hello");
        return socket;
    }

    private void assertClosed(RawWebSocket socket, int code, String reason) throws InterruptedException {
        Frame told = socket.readClose();
        assertThat(told.code()).isEqualTo(code);
        assertThat(told.reason()).isEqualTo(reason);
        Frame backend = toldToBackend.poll(20, TimeUnit.SECONDS);
        assertThat(backend).isNotNull();
        assertThat(backend.code()).isEqualTo(code);
    }

    @Test
    void closesIfTheKeyIsRevokedAndLeavesOthersOpen() throws Exception {
        Customer customer = customer("revoked-lamp");
        String key = customer.newKey(permission("revoked-lamp"));
        String other = customer.newKey(permission("revoked-lamp"));
        try (RawWebSocket socket = open(GATE, key, "revoked-lamp");
                RawWebSocket untouched = open(GATE, other, "revoked-lamp")) {
            assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();

            assertClosed(socket, 1008, "credential_invalid");

            untouched.text("still here");
            assertThat(untouched.read().text()).isEqualTo("still here");
        }
        assertThat(RawHttp.call(GATE.managementPort(), "GET", "/actuator/prometheus", "").text())
                .containsPattern("postern_streams_revoked_total\\{reason=\"credential_[a-z]+\"} [1-9]");
    }

    @Test
    void closesIfTheKeyExpires() throws Exception {
        Customer customer = customer("expiring-lamp");
        String key = customer.make("/api-keys", "{\"name\":\"e\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[{\"device\":\"expiring-lamp\"}]}],\"expires_at\":\""
                + Instant.now().plusSeconds(4).truncatedTo(ChronoUnit.SECONDS) + "\"}")
                .required("key").stringValue();
        try (RawWebSocket socket = open(GATE, key, "expiring-lamp")) {
            assertClosed(socket, 1008, "credential_invalid");
        }
    }

    @Test
    void closesIfThePermissionIsTakenAway() throws Exception {
        Customer customer = customer("forbidden-lamp");
        String key = customer.newKey(permission("forbidden-lamp"));
        try (RawWebSocket socket = open(GATE, key, "forbidden-lamp")) {
            assertThat(customer.keys("PUT", "/keys/" + key,
                    "{\"title\":\"t\",\"permissions\":" + permission("another-lamp") + "}").required("errno")
                    .intValue()).isZero();

            assertClosed(socket, 1008, "device_not_permitted");
        }
    }

    @Test
    void closesIfTheDeviceLosesItsSeat() throws Exception {
        Customer customer = customer("first-lamp-of-two");
        customer.make("/devices", "{\"id\":\"second-lamp-of-two\",\"title\":\"d\"}");
        try (RawWebSocket first = open(GATE, customer.masterKey(), "first-lamp-of-two");
                RawWebSocket second = open(GATE, customer.masterKey(), "second-lamp-of-two")) {
            assertThat(customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":1,\"years\":1}").status())
                    .isEqualTo(200);

            assertClosed(second, 1008, "device_over_quota");

            first.text("still here");
            assertThat(first.read().text()).isEqualTo("still here");
        }
    }

    @Test
    void registersNoDeviceAgain() throws Exception {
        try (TestGate gate = start("postern.license.enrollment=first-use")) {
            Customer customer = gate.newCustomer();
            // Another one, so that the account keeps the minimum of devices.
            for (String device : new String[]{"deleted-lamp", "kept-lamp"}) {
                customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"d\"}");
            }
            try (RawWebSocket socket = open(gate, customer.masterKey(), "deleted-lamp")) {
                assertThat(customer.manage("DELETE", "/devices/deleted-lamp", "").status()).isLessThan(300);

                assertClosed(socket, 1008, "device_unknown");
                assertThat(customer.manage("GET", "/devices/deleted-lamp", "").status()).isEqualTo(404);
            }
        }
    }

    @Test
    void staysOpenForTheGraceTimeOfAnOutage() throws Exception {
        try (TestRedisServer redis = new TestRedisServer();
                TestGate gate = start(redis.properties("postern.outage.read-grace=4s"))) {
            Customer customer = gate.newCustomer();
            customer.make("/devices", "{\"id\":\"lonely-lamp\",\"title\":\"d\"}");
            gate.awaitLive();
            try (RawWebSocket socket = open(gate, customer.masterKey(), "lonely-lamp")) {
                redis.stop();
                socket.text("no Redis");
                assertThat(socket.read().text()).isEqualTo("no Redis");

                assertClosed(socket, 1013, "store_unavailable");
            }
        }
    }
}
