package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.ScriptedBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Devices come and go with the calls that add and delete them at the backend. */
@OwnsItsGate
class TrafficRegistrationTest {
    private static final ScriptedBackend BACKEND = new ScriptedBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.license.enabled=true");
    private static final int ROUNDS = 50;

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    @Test
    void registersADeviceBeforeItsFirstCallAndForgetsItBeforeItsNext() {
        Customer customer = GATE.newCustomer();
        customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":1000}");
        for (String device : List.of("first", "second", "third")) {
            customer.make("/devices", "{\"id\":\"" + device + "\",\"title\":\"there before\"}");
        }

        for (int round = 0; round < ROUNDS; round++) {
            String device = "made-" + round;
            answer("{\"errno\":0,\"error\":\"succ\",\"data\":{\"device_id\":\"" + device + "\"}}");
            assertThat(call(customer, "POST", "/devices").status()).isEqualTo(200);
            assertThat(call(customer, "GET", "/devices/" + device).status()).as("the first call").isEqualTo(200);
            if (round % 2 == 0) {
                assertThat(call(customer, "DELETE", "/devices/" + device).status()).isEqualTo(200);
                assertThat(call(customer, "GET", "/devices/" + device).reason()).isEqualTo("device_unknown");
            }
        }

        assertThat(customer.manage("GET", "/license", "").json().required("used").intValue())
                .isEqualTo(3 + ROUNDS / 2);
    }

    @Test
    void learnsOnlyFromSuccess() {
        Customer customer = GATE.newCustomer();
        answer("{\"errno\":10,\"error\":\"no\",\"data\":{\"device_id\":\"never-made\"}}");
        assertThat(call(customer, "POST", "/devices").status()).isEqualTo(200);

        assertThat(call(customer, "GET", "/devices/never-made").reason()).isEqualTo("device_unknown");
    }

    @Test
    void letsAnAccountAddItsFirstDevicesAndDeleteThoseWithoutASeat() {
        Customer customer = GATE.newCustomer();
        for (int i = 1; i <= 4; i++) {
            answer("{\"errno\":0,\"data\":{\"device_id\":\"" + customer.account() + "-" + i + "\"}}");
            assertThat(call(customer, "POST", "/devices").status()).as("device %d", i).isEqualTo(200);
            if (i < 3) {
                assertThat(call(customer, "GET", "/devices/" + customer.account() + "-" + i).reason())
                        .isEqualTo("license_minimum_devices");
            }
        }
        assertThat(call(customer, "GET", "/devices/" + customer.account() + "-4").reason())
                .isEqualTo("device_over_quota");

        assertThat(call(customer, "DELETE", "/devices/" + customer.account() + "-4").status()).isEqualTo(200);
        assertThat(call(customer, "GET", "/devices/" + customer.account() + "-4").reason())
                .isEqualTo("device_unknown");
    }

    @Test
    void leavesADeviceToItsOwner() {
        Customer customer = GATE.newCustomer();
        Customer other = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"contested\",\"title\":\"there before\"}");
        answer("{\"errno\":0,\"data\":{\"device_id\":\"contested\"}}");
        assertThat(call(other, "POST", "/devices").status()).isEqualTo(200);

        assertThat(call(other, "GET", "/devices/contested").reason()).isEqualTo("device_unknown");
        assertThat(customer.manage("GET", "/devices/contested", "").status()).isEqualTo(200);
        assertThat(call(other, "DELETE", "/devices/contested").reason()).isEqualTo("device_unknown");
        assertThat(customer.manage("GET", "/devices/contested", "").status()).isEqualTo(200);
    }

    private static Reply call(Customer customer, String method, String target) {
        return GATE.call(customer.masterKey(), method, target);
    }

    private static void answer(String body) {
        BACKEND.play(stage -> {
            stage.head(200, "Content-Type: application/json", "Content-Length: " + body.length());
            stage.write(body);
        });
    }
}
