package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ClientTokens;
import dev.postern.support.CommandCount;
import dev.postern.support.LicensedGate;
import dev.postern.support.NeedsTheMachine;
import dev.postern.support.RawHttp;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.usage.CredentialCalls;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A decision sends Redis no command while the records that it depends on are cached. */
@NeedsTheMachine
class RoundTripTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final int CALLS = 40;

    /**
     * The gate adds its counts of calls to Redis now and then, with commands that the test would take for those of
     * calls.
     */
    @BeforeEach
    void stopCountingCalls() {
        GATE.context().getBean(CredentialCalls.class).stop();
    }

    @AfterEach
    void countCallsAgain() {
        GATE.context().getBean(CredentialCalls.class).start();
    }

    @Test
    void asksRedisOnceForRepeatedCallsAndNeverWithoutNeed() {
        Customer customer = GATE.newCustomer();
        String key = customer.newKey(
                "[{\"access_methods\":[\"get\",\"post\"],\"resources\":[{\"dev_id\":\"lamp\",\"ds_id\":\"gps\"}]}]");

        assertThat(readsOf(() -> GATE.call(key, "GET", "/devices/lamp/datapoints?datastream_id=gps"))).isOne();
        assertThat(readsOf(
                () -> GATE.call(key, "POST", "/devices/lamp/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}")))
                .isZero();
        assertThat(readsOf(() -> GATE.call(key, "GET", "/devices/other"))).isZero();
        assertThat(readsOf(() -> GATE.call("unknown", "GET", "/devices/other"))).as("once in two seconds")
                .isBetween(1L, 10L);
        assertThat(readsOf(() -> GATE.call(key, "GET", "/no/such/path"))).isZero();
        assertThat(readsOf(() -> RawHttp.call(GATE.port(), "GET", "/devices/lamp", ""))).isZero();
    }

    @Test
    void asksOnceForEachRecordThatACredentialDependsOn() {
        Customer customer = GATE.newCustomer();
        customer.make("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp\"]}");
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp\"]}");
        String staticToken = customer.make("/static-tokens", "{\"name\":\"counted static\"}").required("token")
                .stringValue();
        JsonNode jwtToken = customer.make("/jwt-tokens",
                "{\"name\":\"counted jwt\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        String jwt = ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"alice\""));
        String secondJwt = ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"alice\",\"n\":2"));
        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"counted rsa\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        String jwe = ClientTokens.encrypted(customer.manage("GET",
                "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "").json(), "");
        String issued = SharedGate.ISSUER.accessToken(customer.account(), "devices", "\"devices\":[\"lamp\"]");

        assertThat(readsOf(() -> GATE.call(staticToken, "GET", "/devices/lamp"))).isOne();
        assertThat(readsOf(() -> GATE.call(jwt, "GET", "/devices/lamp"))).as("and the user").isEqualTo(2);
        assertThat(readsOf(() -> GATE.call(secondJwt, "GET", "/devices/lamp"))).as("of the same records").isZero();
        assertThat(readsOf(() -> GATE.call(jwe, "GET", "/devices/lamp"))).as("and the project").isEqualTo(2);
        assertThat(readsOf(() -> GATE.call(issued, "GET", "/devices/lamp")))
                .as("the account, and now and then whether the subject is shut out").isBetween(2L, 11L);
    }

    @Test
    void asksOnceWhetherTheLicenseCoversADevice() {
        Customer customer = LicensedGate.GATE.newCustomer();
        for (String device : List.of("lamp", "door", "fan")) {
            customer.make("/devices", "{\"id\":\"" + customer.account() + device + "\",\"title\":\"counted\"}");
        }
        String target = "/devices/" + customer.account() + "lamp";
        LicensedGate.GATE.awaitRemembered(customer.masterKey(), "GET", target, 200);
        // Whenever the gate asks Redis about a device, it looks up the seat with ZSCORE.
        long before = CommandCount.of(LicensedGate.GATE, "zscore");

        for (int i = 0; i < CALLS; i++) {
            assertThat(LicensedGate.GATE.call(customer.masterKey(), "GET", target).status()).isEqualTo(200);
        }

        assertThat(CommandCount.of(LicensedGate.GATE, "zscore") - before).isLessThanOrEqualTo(1);
    }

    /** How many records the gate reads from Redis for {@link #CALLS} calls. */
    private static long readsOf(Supplier<RawHttp.Reply> call) {
        // Until the gate is sure of all changes, it remembers nothing.
        GATE.awaitLive();
        long before = reads();
        for (int i = 0; i < CALLS; i++) {
            assertThat(call.get().status()).isPositive();
        }
        return reads() - before;
    }

    private static long reads() {
        return CommandCount.of(GATE, "get") + CommandCount.of(GATE, "hget");
    }
}
