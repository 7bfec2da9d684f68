package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.CabledGates;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A change at one gate applies at the others, which go on deciding from memory. */
@OwnsItsGate
class RevocationTest {
    private static final CabledGates GATES = new CabledGates();

    @AfterAll
    static void stop() {
        GATES.close();
    }

    @Test
    void namesTheGatesThatKnowOfIt() {
        Customer customer = GATES.one.newCustomer();
        String first = customer.make("/static-tokens", "{\"name\":\"receipt one\"}").required("id").stringValue();
        String second = customer.make("/static-tokens", "{\"name\":\"receipt two\"}").required("id").stringValue();
        String third = customer.make("/static-tokens", "{\"name\":\"receipt three\"}").required("id").stringValue();

        Reply confirmed = customer.manage("DELETE", "/static-tokens/" + first + "?receipt=true", "");
        assertThat(confirmed.status()).isEqualTo(200);
        JsonNode receipt = confirmed.json().required("receipt");
        assertThat(receipt.required("complete").booleanValue()).isTrue();
        assertThat(receipt.required("confirmed")).hasSize(2);
        assertThat(receipt.required("missing")).isEmpty();
        assertThat(receipt.required("replicas")).hasToString("{\"connected\":0,\"confirmed\":0}");

        String later;
        GATES.cable.cut();
        try {
            JsonNode incomplete = customer.manage("DELETE", "/static-tokens/" + second + "?receipt=true", "").json()
                    .required("receipt");
            assertThat(incomplete.required("complete").booleanValue()).isFalse();
            assertThat(incomplete.required("confirmed")).hasSize(1);
            assertThat(incomplete.required("missing")).hasSize(1);
            later = "/api/v1/receipts/" + incomplete.required("change").stringValue();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(GATES.states()).contains("silent"));
            JsonNode silent = customer.manage("PUT", "/static-tokens/" + third + "?receipt=true",
                    "{\"name\":\"receipt three\",\"rules\":[]}").json().required("receipt");
            assertThat(silent.required("complete").booleanValue()).as("it may be deciding by what it knew").isFalse();
            assertThat(silent.required("missing").required(0).required("state").stringValue()).isEqualTo("silent");
            JsonNode still = GATES.one.operate("GET", later, "").json();
            assertThat(still.required("complete").booleanValue()).isFalse();
            assertThat(still.required("missing").required(0).required("decides_for_seconds").doubleValue())
                    .isBetween(1.0, 303.0);
            assertThat(GATES.one.operate("GET", later.replaceFirst("-\\d+$", "-999999999"), "").status())
                    .as("a change that was never made").isEqualTo(404);
        } finally {
            GATES.cable.mend();
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(GATES.states()).containsOnly("live"));
        JsonNode arrived = GATES.one.operate("GET", later, "").json();
        assertThat(arrived.required("complete").booleanValue()).isTrue();
        assertThat(arrived.required("confirmed")).hasSize(2);
        JsonNode again = customer.manage("PUT", "/static-tokens/" + third + "?receipt=true",
                "{\"name\":\"receipt three\",\"rules\":[]}").json();
        assertThat(again.required("receipt").required("confirmed")).hasSize(2);
        assertThat(again.required("name").stringValue()).isEqualTo("receipt three");
        assertThat(customer.manage("DELETE", "/static-tokens/" + third + "?receipt=maybe", "").status()).isEqualTo(400);
        assertThat(customer.manage("GET", "/static-tokens?receipt=true", "").status()).isEqualTo(400);
    }

    @Test
    void namesTheGatesThatDecideNothingWithoutIt() {
        Customer customer = GATES.one.newCustomer();
        try (TestGate third = GATES.startImpatient()) {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                    third.operate("GET", "/api/v1/gates", "").json().required("total_count").intValue()).isEqualTo(3));
            GATES.cable.cut();
            try {
                String change = customer.manage("POST", "/static-tokens?receipt=true", "{\"name\":\"not known\"}")
                        .json().required("receipt").required("change").stringValue();
                await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                    JsonNode receipt = GATES.one.operate("GET", "/api/v1/receipts/" + change, "").json();
                    assertThat(receipt.required("confirmed")).hasSize(1);
                    assertThat(receipt.required("missing")).as("the gate with a grace period").hasSize(1);
                    assertThat(receipt.required("out_of_grace")).hasSize(1);
                });
            } finally {
                GATES.cable.mend();
            }
            third.awaitLive();
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(GATES.states()).containsOnly("live"));
    }

    @Test
    void doesNotExpectAStoppedGate() {
        Customer customer = GATES.one.newCustomer();
        String token = customer.make("/static-tokens", "{\"name\":\"known to three\"}").required("id").stringValue();
        try (TestGate third = GATES.startThird()) {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                    third.operate("GET", "/api/v1/gates", "").json().required("total_count").intValue()).isEqualTo(3));
        }

        JsonNode receipt = customer.manage("DELETE", "/static-tokens/" + token + "?receipt=true", "").json()
                .required("receipt");
        assertThat(receipt.required("complete").booleanValue()).isTrue();
        assertThat(receipt.required("confirmed")).hasSize(2);
        assertThat(GATES.states()).hasSize(2);
    }

    /**
     * A gate that is cut off goes on with what it knows. When it is back, it knows what happened meanwhile, although
     * the log was trimmed.
     */
    @Test
    void reachesAGateThatWasDisconnected() {
        Customer customer = GATES.one.newCustomer();
        JsonNode token = customer.make("/static-tokens", "{\"name\":\"missed\"}");
        String secret = token.required("token").stringValue();
        String kept = customer.make("/static-tokens", "{\"name\":\"kept\"}").required("token").stringValue();
        GATES.other.awaitRemembered(secret, "GET", "/devices/lamp", 200);
        GATES.other.awaitRemembered(kept, "GET", "/devices/lamp", 200);

        GATES.cable.cut();
        try {
            assertThat(customer.manage("DELETE", "/static-tokens/" + token.required("id").stringValue(), "").status())
                    .isEqualTo(204);
            for (int i = 0; i < 20; i++) {
                customer.make("/static-tokens", "{\"name\":\"after it " + i + "\"}");
            }
            GATES.one.redis().run(commands -> commands.xtrim("postern:{changes}:log", 5)).block();
            Reply stale = GATES.other.call(secret, "GET", "/devices/lamp");
            assertThat(stale.status()).as("nobody could tell it").isEqualTo(200);
            assertThat(stale.header("X-Postern-Staleness")).matches("[0-9.]+; (live|suspect|down)");
        } finally {
            GATES.cable.mend();
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> GATES.other.call(secret, "GET", "/devices/lamp").status() == 401);
        assertThat(GATES.other.call(kept, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @Test
    void isNoticedEvenIfRedisLosesAllData() {
        Customer customer = GATES.one.newCustomer();
        String key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
        String record = GATES.one.recordOf(key);
        byte[] dump = GATES.one.redis().run(commands -> commands.dump(record)).blockOptional().orElseThrow();
        assertThat(GATES.other.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);

        String lost = customer.manage("POST", "/static-tokens?receipt=true", "{\"name\":\"lost\"}").json()
                .required("receipt").required("change").stringValue();
        GATES.one.redis().run(commands -> commands.flushall()).block();

        await().atMost(Duration.ofSeconds(20))
                .until(() -> GATES.other.call(key, "GET", "/devices/lamp").status() == 401);
        assertThat(GATES.one.operate("GET", "/api/v1/receipts/" + lost, "").text()).contains("Redis has lost it");
        GATES.one.redis().run(commands -> commands.restore(record, 0, dump)).block();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> GATES.other.call(key, "GET", "/devices/lamp").status() == 200);
    }
}
