package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestRedisServer;
import io.lettuce.core.Range;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The audit log has the changes that customers make on the public port, like those that operators make. */
@OwnsItsGate
class AuditedCustomersTest {
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";
    private static final TestRedisServer REDIS = new TestRedisServer();
    private static final TestGate GATE = TestGate.start(REDIS.properties("postern.backend=http://127.0.0.1:1",
            "postern.forwarding.trusted-proxies=127.0.0.0/8"));

    private final Customer customer = GATE.newCustomer();

    @AfterAll
    static void stop() {
        GATE.close();
        REDIS.close();
    }

    private static List<JsonNode> changes(String account, String target) {
        Reply reply = GATE.operate("GET", "/api/v1/audit?account=" + account + "&target=" + target, "");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return StreamSupport.stream(reply.json().required("changes").spliterator(), false).toList();
    }

    private static String everything() {
        return GATE.redis().run(commands -> commands.xrange("postern:{audit}:entries", Range.unbounded()))
                .blockOptional().orElseThrow().toString();
    }

    @Test
    void hasEachChangeOfAKeyWithWhatWasBeforeAndAfter() {
        String key = customer.newKey(READ_LAMP);
        customer.keys("PUT", "/keys/" + key, "{\"title\":\"second\",\"permissions\":[]}");
        customer.keys("PUT", "/keys/" + key + "/devices", "{\"add_dev_ids\":[\"door\"]}");
        customer.keys("DELETE", "/keys/" + key, "");

        List<JsonNode> changes = changes(customer.account(), "/keys");

        assertThat(changes).extracting(change -> change.required("action").stringValue()).containsExactly("DELETE",
                "PUT", "PUT", "POST");
        assertThat(changes).allSatisfy(change -> {
            assertThat(change.required("actor").stringValue()).isEqualTo(customer.account());
            assertThat(change.required("actor_kind").stringValue()).isEqualTo("master_key");
            assertThat(change.required("outcome").stringValue()).isEqualTo("done");
            assertThat(change.required("status").intValue()).isEqualTo(200);
        });
        JsonNode made = changes.get(3);
        String id = made.required("after").required("id").stringValue();
        assertThat(made.required("target").stringValue()).isEqualTo("/keys");
        assertThat(made.required("before").isNull()).isTrue();
        assertThat(made.required("after").required("permissions").toString()).contains("lamp");
        JsonNode overwritten = changes.get(2);
        assertThat(overwritten.required("target").stringValue()).isEqualTo("/keys/" + id);
        assertThat(overwritten.required("before").required("permissions").toString()).contains("lamp");
        assertThat(overwritten.required("after").toString()).isEqualTo("{\"name\":\"second\",\"permissions\":[]}");
        JsonNode devices = changes.get(1);
        assertThat(devices.required("target").stringValue()).isEqualTo("/keys/" + id + "/devices");
        assertThat(devices.required("request").required("add_dev_ids").toString()).contains("door");
        assertThat(changes.getFirst().required("before").required("permissions").toString()).contains("door");
        assertThat(everything()).doesNotContain(key, customer.masterKey());
    }

    @Test
    void hasTheAddressOfTheClientBehindATrustedProxy() {
        RawHttp.call(GATE.port(), "POST", "/keys",
                "{\"title\":\"t\",\"permissions\":" + READ_LAMP + "}", "api-key:" + customer.masterKey(),
                "X-Forwarded-For: 192.0.2.7");

        assertThat(changes(customer.account(), "/keys").getFirst().required("source").stringValue())
                .isEqualTo("192.0.2.7");
    }

    @Test
    void hasARefusedChangeAndNoCallThatCouldNotChangeAnything() {
        String key = customer.newKey(READ_LAMP);
        String many = IntStream.range(0, 2000).mapToObj(i -> "\"d" + i + "\"").collect(Collectors.joining(","));
        assertThat(customer.keys("PUT", "/keys/" + key + "/devices", "{\"add_dev_ids\":[" + many + "]}")
                .required("errno").intValue()).isEqualTo(40012);
        customer.keys("PUT", "/keys/unknown", "{\"title\":\"t\",\"permissions\":[]}");
        customer.keys("DELETE", "/keys/unknown", "");
        customer.keys("POST", "/keys", "{");
        customer.keys("GET", "/keys", "");

        List<JsonNode> changes = changes(customer.account(), "/keys");

        assertThat(changes).extracting(change -> change.required("outcome").stringValue()).containsExactly("refused",
                "done");
        assertThat(changes.getFirst().required("status").intValue()).isEqualTo(400);
        assertThat(changes.getFirst().required("request").required("add_dev_ids").size()).isEqualTo(101);
    }

    @Test
    void hasTheRevocationOfATokenByItsApplication() {
        TestApplication application = TestApplication.software(GATE);
        String token = application.oauth("token", "grant_type=client_credentials").json().required("access_token")
                .stringValue();
        assertThat(application.oauth("revoke", "token=" + token).status()).isEqualTo(200);
        assertThat(application.oauth("revoke", "token=" + token).status()).isEqualTo(200);
        assertThat(application.oauth("revoke", "token=unknown").status()).isEqualTo(200);

        List<JsonNode> changes = changes(application.account(), "/oauth");

        assertThat(changes).hasSize(1);
        JsonNode change = changes.getFirst();
        assertThat(change.required("actor_kind").stringValue()).isEqualTo("application");
        assertThat(change.required("actor").stringValue())
                .isEqualTo(change.required("before").required("application").stringValue());
        assertThat(change.required("outcome").stringValue()).isEqualTo("done");
        assertThat(everything()).doesNotContain(token, application.key(), application.secret());
    }

    @Test
    void hasEachTerminalThatGetsAPlaceOnce() {
        TestApplication application = TestApplication.hardware(GATE);
        String code = application.newAuthcode(1, Optional.empty());
        String token = application.authorize("lamp7", code).json().required("data").required("accessToken")
                .stringValue();
        application.authorize("lamp7", code);
        application.authorize("lamp8", code);
        application.authorize("lamp8", "unknown");

        List<JsonNode> changes = changes(application.account(), "/httpapi");

        assertThat(changes).hasSize(1);
        assertThat(changes.getFirst().required("request").toString()).isEqualTo("{\"userid\":\"lamp7\"}");
        assertThat(changes.getFirst().required("actor_kind").stringValue()).isEqualTo("application");
        assertThat(everything()).doesNotContain(token, code);
    }

    @Test
    void isWrittenBeforeTheChangeOrTheChangeIsNotMade() {
        String key = customer.newKey(READ_LAMP);
        GATE.redis().run(commands -> commands.rename("postern:{audit}:head", "postern:{audit}:away")).block();
        GATE.redis().run(commands -> commands.set("postern:{audit}:head", "by hand")).block();
        try {
            assertThat(GATE.call(customer.masterKey(), "DELETE", "/keys/" + key).json().required("errno").intValue())
                    .isGreaterThanOrEqualTo(50000);
            assertThat(customer.keys("GET", "/keys", "").required("data").required("total_count").intValue())
                    .isEqualTo(1);
        } finally {
            GATE.redis().run(commands -> commands.rename("postern:{audit}:away", "postern:{audit}:head")).block();
        }
        assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();
    }
}
