package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LicensedGate;
import dev.postern.support.MovableClock;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Follows, line by line, the page about licenses of the system from which Postern's licenses come. */
@UsesSharedGate
class LicenseScenarioTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final MovableClock CLOCK = LicensedGate.CLOCK;

    @Test
    void followsTheDocumentedLicenseScenario() {
        Customer customer = GATE.newCustomer();
        Customer neighbour = GATE.newCustomer();

        // "If the number of user devices is less than 3, it cannot be authorized."
        assertThat(add(customer, "one").required("seat").booleanValue()).isTrue();
        add(customer, "two");
        assertRefused(read(customer, "one"), "license_minimum_devices");
        assertRefused(read(customer, "two"), "license_minimum_devices");
        assertThat(license(customer).required("state").stringValue()).isEqualTo("not_authorized");

        // "The license is free when the user has 3 licensed devices."
        add(customer, "three");
        assertAllowed(customer, "one", "two", "three");
        assertThat(license(customer).required("plan").stringValue()).isEqualTo("free");
        assertThat(license(customer).required("state").stringValue()).isEqualTo("active");
        assertThat(license(customer).required("used").intValue()).isEqualTo(3);

        // "When the number of user devices exceeds the authorized number, the prompt [D1022] ... will appear."
        assertThat(add(customer, "four").required("seat").booleanValue()).isFalse();
        Reply fourth = read(customer, "four");
        assertRefused(fourth, "device_over_quota");
        assertThat(fourth.json().required("error").stringValue()).isEqualTo("[D1022] No corresponding authorization");
        assertAllowed(customer, "one", "two", "three");
        assertThat(license(customer).required("waiting").intValue()).isEqualTo(1);

        // "Paying users renew the service according to the actual number of devices."
        assertThat(customer.manage("PUT", "/license", "{\"plan\":\"paid\",\"seats\":4}").status()).isEqualTo(200);
        assertAllowed(customer, "one", "two", "three", "four");
        assertThat(license(customer).required("used").intValue()).isEqualTo(4);

        // "The shared device does not have the corresponding authorization (need to delete and re-add)."
        add(neighbour, "camera");
        neighbour.make("/devices/" + own("camera") + "/shares", "{\"account\":\"" + customer.account() + "\"}");
        assertThat(customer.manage("GET", "/devices/" + own("camera"), "").json().required("origin").stringValue())
                .isEqualTo("shared");
        assertRefused(read(customer, "camera"), "device_shared");
        assertThat(customer.manage("POST", "/devices", device("camera")).status()).isEqualTo(409);
        assertThat(neighbour.manage("DELETE", "/devices/" + own("camera"), "").status()).isEqualTo(204);
        assertRefused(read(customer, "camera"), "device_unknown");
        customer.manage("PUT", "/license", "{\"seats\":5}");
        assertThat(add(customer, "camera").required("seat").booleanValue()).isTrue();
        assertAllowed(customer, "camera");

        // "The default authorization period for free users is one year."
        Customer free = GATE.newCustomer();
        add(free, "red");
        add(free, "green");
        add(free, "blue");
        assertAllowed(free, "red", "green", "blue");
        CLOCK.move(Duration.ofDays(336));
        assertThat(license(free).required("state").stringValue()).isEqualTo("expiring");
        assertAllowed(free, "red");
        CLOCK.move(Duration.ofDays(31));
        assertThat(license(free).required("state").stringValue()).isEqualTo("expired");
        assertRefused(read(free, "red"), "license_expired");

        // "The authorization submission extension needs to be submitted ... every year."
        String id = free.make("/license/extensions", "").required("id").stringValue();
        assertRefused(read(free, "red"), "license_expired");
        assertThat(free.manage("PUT", "/license/extensions/" + id, "{\"state\":\"approved\"}").status())
                .isEqualTo(200);
        assertAllowed(free, "red", "green", "blue");

        // "Paid users are based on the purchase of service years."
        assertRefused(read(customer, "one"), "license_expired");
        customer.manage("PUT", "/license", "{\"years\":2}");
        CLOCK.move(Duration.ofDays(700));
        assertAllowed(customer, "one");
        assertRefused(read(free, "red"), "license_expired");
    }

    /** A device belongs to one account of the gate, which other classes use too. */
    private static String own(String device) {
        return "scenario-" + device;
    }

    private static JsonNode add(Customer customer, String device) {
        return customer.make("/devices", device(device));
    }

    private static String device(String id) {
        return "{\"id\":\"" + own(id) + "\",\"title\":\"Device " + id + "\"}";
    }

    private static JsonNode license(Customer customer) {
        return customer.manage("GET", "/license", "").json();
    }

    private static Reply read(Customer customer, String device) {
        return GATE.call(customer.masterKey(), "GET", "/devices/" + own(device));
    }

    private static void assertAllowed(Customer customer, String... devices) {
        for (String device : devices) {
            LicensedGate.BACKEND.forget();
            assertThat(read(customer, device).status()).as(device).isEqualTo(200);
            assertThat(LicensedGate.BACKEND.received()).as("what the backend received").hasSize(1);
        }
    }

    private static void assertRefused(Reply reply, String reason) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(403);
        assertThat(reply.reason()).isEqualTo(reason);
        assertThat(reply.json().required("code").stringValue()).isEqualTo("D1022");
    }
}
