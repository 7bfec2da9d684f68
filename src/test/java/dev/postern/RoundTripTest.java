package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.TestGate.Customer;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A decision costs Redis one command for each record that it rests on, and no more. */
class RoundTripTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final int CALLS = 40;

    @Test
    void asksRedisOncePerCallAndNotAtAllForWhatNeedsNoLookup() {
        Customer customer = GATE.newCustomer();
        String key = customer.newKey(
                "[{\"access_methods\":[\"get\",\"post\"],\"resources\":[{\"dev_id\":\"lamp\",\"ds_id\":\"gps\"}]}]");

        assertThat(commandsOf(() -> GATE.call(key, "GET", "/devices/lamp/datapoints?datastream_id=gps")))
                .isEqualTo(CALLS);
        assertThat(commandsOf(
                () -> GATE.call(key, "POST", "/devices/lamp/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}")))
                .isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call(key, "GET", "/devices/other"))).isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call("unknown", "GET", "/devices/other"))).isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call(key, "GET", "/no/such/path"))).isZero();
        assertThat(commandsOf(() -> RawHttp.call(GATE.port(), "GET", "/devices/lamp", ""))).isZero();
    }

    @Test
    void asksForEachRecordThatACredentialRestsOn() {
        Customer customer = GATE.newCustomer();
        customer.make("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp\"]}");
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp\"]}");
        String staticToken = customer.make("/static-tokens", "{\"name\":\"counted static\"}").required("token")
                .stringValue();
        JsonNode jwtToken = customer.make("/jwt-tokens",
                "{\"name\":\"counted jwt\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        String jwt = ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"alice\""));
        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"counted rsa\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        String jwe = ClientTokens.encrypted(customer.manage("GET",
                "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "").json(), "");
        String issued = SharedGate.ISSUER.accessToken(customer.account(), "devices", "\"devices\":[\"lamp\"]");

        assertThat(commandsOf(() -> GATE.call(staticToken, "GET", "/devices/lamp"))).isEqualTo(CALLS);
        assertThat(commandsOf(() -> GATE.call(jwt, "GET", "/devices/lamp"))).as("and the user").isEqualTo(2 * CALLS);
        assertThat(commandsOf(() -> GATE.call(jwe, "GET", "/devices/lamp"))).as("and the project").isEqualTo(2 * CALLS);
        assertThat(commandsOf(() -> GATE.call(issued, "GET", "/devices/lamp")))
                .as("the account, and whether the subject is shut out").isEqualTo(2 * CALLS);
    }

    @Test
    void asksOnceWhetherTheLicenseCoversADevice() {
        Customer customer = LicensedGate.GATE.newCustomer();
        for (String device : List.of("lamp", "door", "fan")) {
            customer.make("/devices", "{\"id\":\"" + customer.account() + device + "\",\"title\":\"counted\"}");
        }
        String target = "/devices/" + customer.account() + "lamp";
        assertThat(LicensedGate.GATE.call(customer.masterKey(), "GET", target).status()).isEqualTo(200);
        // Every question about a device looks for its seat.
        long before = CommandCount.of(LicensedGate.GATE, "zscore");

        for (int i = 0; i < CALLS; i++) {
            assertThat(LicensedGate.GATE.call(customer.masterKey(), "GET", target).status()).isEqualTo(200);
        }

        assertThat(CommandCount.of(LicensedGate.GATE, "zscore") - before).isLessThanOrEqualTo(1);
    }

    private static long commandsOf(Runnable call) {
        long before = CommandCount.of(GATE);
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return CommandCount.of(GATE) - before;
    }
}
