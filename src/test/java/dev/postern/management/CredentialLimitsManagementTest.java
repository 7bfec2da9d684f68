package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LimitableKind;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.time.Instant;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** How the limits of credentials are written, and the API keys of an account as the operator sees them. */
@UsesSharedGate
class CredentialLimitsManagementTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String LAMP = "\"permissions\":[{\"actions\":[\"get\"],\"resources\":[{\"device\":\"lamp\"}]}]";

    private Customer customer;

    @BeforeEach
    void newCustomer() {
        customer = LimitableKind.newCustomer(GATE);
    }

    private LimitableKind.Made make(LimitableKind kind, String more) {
        return kind.make(GATE, customer, Instant.now(), more);
    }

    @ParameterizedTest
    @EnumSource
    void showsItsLimits(LimitableKind kind) {
        LimitableKind.Made made = make(kind, "");
        assertThat(made.made().required("expires_at").isNull()).isTrue();
        assertThat(made.made().required("allowed_networks")).isEmpty();

        Reply limited = made.replace("\"expires_at\":\"2999-01-01T01:00:00+01:00\",\"allowed_networks\":"
                + "[\"2001:DB8:0::/48\",\"192.0.2.7\",\"::ffff:10.0.0.0/104\",\"192.0.2.7/32\"]");
        assertThat(limited.status()).as(limited.text()).isEqualTo(200);
        JsonNode shown = made.show();
        assertThat(shown.required("expires_at").stringValue()).isEqualTo("2999-01-01T00:00:00Z");
        assertThat(shown.required("allowed_networks")).hasToString(
                "[\"2001:db8::/48\",\"192.0.2.7/32\",\"10.0.0.0/8\"]");
        assertThat(limited.json().required("allowed_networks")).isEqualTo(shown.required("allowed_networks"));
        JsonNode listed = customer.manage("GET", kind.path(), "").json();
        assertThat(listed.required(kind.path().substring(1).replace('-', '_')).get(0).required("expires_at"))
                .isEqualTo(shown.required("expires_at"));

        assertThat(made.replace("").json()).as("left out").isEqualTo(limited.json());
        JsonNode timeless = made.replace("\"expires_at\":null").json();
        assertThat(timeless.required("expires_at").isNull()).isTrue();
        assertThat(timeless.required("allowed_networks")).hasSize(3);
        assertThat(made.replace("\"allowed_networks\":null").json().required("allowed_networks")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'expires_at':'soon'                   | expires_at is neither a time such as 2026-11-22T00:00:00Z nor a day such as 2026-11-22
            'expires_at':5                        | expires_at is not a string
            'expires_at':'+10000-01-01T00:00:00Z' | expires_at is not within the years 1970 to 9999
            'allowed_networks':'10.0.0.0/8'       | allowed_networks is not a list
            'allowed_networks':[8]                | allowed_networks[0] is not a string
            'allowed_networks':['::1','10.0.0/8'] | allowed_networks[1] is not a network such as 10.0.0.0/8 or 2001:db8::/32
            'allowed_networks':['10.0.0.0/33']    | allowed_networks[0] has no prefix from 0 to 32
            'allowed_networks':['10.0.0.1/8']     | allowed_networks[0] has bits set after its prefix; 10.0.0.0/8 is the network, and 10.0.0.1 the address alone
            'allowed_network':[]                  | The body has an unknown member; allowed are name, enabled, rules, expires_at, allowed_networks.
            """)
    void refusesWhatIsNoLimit(String member, String detail) {
        LimitableKind.Made made = make(LimitableKind.STATIC_TOKEN, "\"allowed_networks\":[\"192.0.2.0/24\"]");

        Reply refused = made.replace(member.replace('\'', '"'));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue()).startsWith(detail);
        assertThat(made.show().required("allowed_networks")).hasSize(1);
    }

    @Test
    void takesFiftyNetworksAndNoMore() {
        LimitableKind.Made made = make(LimitableKind.STATIC_TOKEN, "");

        assertThat(made.replace("\"allowed_networks\":" + Collections.nCopies(50, "\"10.0.0.0/8\"")).json()
                .required("allowed_networks")).hasSize(1);
        Reply refused = made.replace("\"allowed_networks\":" + Collections.nCopies(51, "\"10.0.0.0/8\""));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue())
                .isEqualTo("allowed_networks has 51 entries; the maximum is 50");
    }

    @Test
    void managesTheApiKeysOfAnAccount() {
        String ofTheOwner = customer.newKey("[{\"access_methods\":[\"put\"],\"resources\":[{\"dev_id\":\"lamp\","
                + "\"ds_id\":\"gps\"}]}]");
        JsonNode made = customer.make("/api-keys", "{\"name\":\"Dashboard\"," + LAMP + "}");
        String path = "/api-keys/" + made.required("id").stringValue();
        String key = made.required("key").stringValue();

        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/devices/fan").reason()).isEqualTo("device_not_permitted");
        JsonNode shown = customer.manage("GET", path, "").json();
        assertThat(shown.has("key")).isFalse();
        assertThat(shown.required("permissions")).hasToString(
                "[{\"actions\":[\"get\"],\"resources\":[{\"device\":\"lamp\"}]}]");
        assertThat(customer.manage("GET", path + "/key", "").json().required("key").stringValue()).isEqualTo(key);
        assertThat(customer.keys("GET", "/keys", "").required("data").required("total_count").intValue()).isEqualTo(2);

        JsonNode all = customer.manage("GET", "/api-keys", "").json();
        assertThat(all.required("total_count").intValue()).isEqualTo(2);
        assertThat(all.required("api_keys").get(0).required("permissions").get(0).required("resources").get(0)
                .required("stream").stringValue()).isEqualTo("gps");
        assertThat(all.toString()).doesNotContain(key, ofTheOwner);
        assertThat(customer.manage("GET", "/api-keys?name=dashbord", "").json().required("api_keys")).hasSize(1);

        assertThat(customer.manage("PUT", path, "{\"name\":\"Dashboard\",\"enabled\":false," + LAMP + "}").json()
                .required("enabled").booleanValue()).isFalse();
        assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(customer.keys("PUT", "/keys/" + key, "{\"title\":\"t\",\"permissions\":[]}").required("errno")
                .intValue()).isZero();
        assertThat(customer.manage("GET", path, "").json().required("enabled").booleanValue()).as("stays so").isFalse();
        assertThat(customer.manage("PUT", path, "{\"name\":\"Dashboard\"," + LAMP + "}").status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);

        assertThat(customer.manage("DELETE", path, "").status()).isEqualTo(204);
        assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(customer.manage("GET", path, "").status()).isEqualTo(404);
        assertThat(customer.manage("GET", path + "/key", "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            5                                                       | permissions is not a list
            [5]                                                     | permissions[0] is not an object
            [{'actions':['get']}]                                   | permissions[0].resources is missing
            [{'actions':['GET'],'resources':[]}]                    | permissions[0].actions has something other than get, post, put and delete
            [{'actions':[],'resources':[{'device':'a/b'}]}]         | permissions[0].resources[0].device is not an ID
            [{'actions':[],'resources':[{'device':'a','stream':5}]}] | permissions[0].resources[0].stream is not an ID
            [{'actions':[],'resources':[{'dev_id':'a'}]}]           | permissions[0].resources[0] has an unknown member. Allowed are device, stream
            """)
    void refusesWhatIsNoPermission(String permissions, String detail) {
        Reply refused = customer.manage("POST", "/api-keys",
                "{\"name\":\"n\",\"permissions\":" + permissions.replace('\'', '"') + "}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue()).isEqualTo(detail);
    }

    @Test
    void takesTwoThousandResourcesAndNoMore() {
        String most = String.join(",", Collections.nCopies(1999, "{\"device\":\"lamp\"}"));
        assertThat(customer.manage("POST", "/api-keys", "{\"name\":\"n\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[" + most + "]}]}").status()).isEqualTo(201);
        Reply refused = customer.manage("POST", "/api-keys", "{\"name\":\"n\",\"permissions\":[{\"actions\":[\"get\"],"
                + "\"resources\":[" + most + ",{\"device\":\"fan\"}]}]}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().required("detail").stringValue())
                .isEqualTo("permissions has more than 2000 permissions and resources");
    }
}
