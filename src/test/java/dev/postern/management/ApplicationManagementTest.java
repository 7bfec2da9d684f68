package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DeviceId;
import dev.postern.credential.PresentedCredential;
import dev.postern.issuance.Applications;
import dev.postern.issuance.Terminals;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/accounts/{account}/applications}, over a real socket. */
@UsesSharedGate
class ApplicationManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    @Test
    void showsASecretOnlyOnce() {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"software\"}");
        String place = "/applications/" + made.required("id").stringValue();

        assertThat(made.propertyNames()).containsExactlyInAnyOrder("id", "name", "kind", "enabled", "created_at",
                "expires_at", "allowed_networks", "last_used_at", "rotation",
                "app_key", "app_secret", "rules", "secrets");
        assertThat(made.required("kind").stringValue()).isEqualTo("software");
        assertThat(made.required("rules").get(0).required("devices").stringValue()).isEqualTo("all");
        for (Reply reply : List.of(customer.manage("GET", place, ""), customer.manage("GET", "/applications", ""),
                customer.manage("PUT", place, "{\"name\":\"app\",\"rules\":[]}"))) {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).contains(made.required("app_key").stringValue())
                    .doesNotContain(secret(made)).doesNotContain("app_secret");
        }
    }

    @Test
    void replacesASecretAndShowsTheUseOfBoth() {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"hardware\"}");
        String place = "/applications/" + made.required("id").stringValue();
        assertThat(made.required("secrets")).hasSize(1);
        assertThat(made.required("secrets").get(0).required("last_used_at").isNull()).isTrue();
        assertThat(authenticates(made, secret(made))).isTrue();

        Reply replaced = customer.manage("POST", place + "/secret", "");

        assertThat(replaced.status()).isEqualTo(200);
        assertThat(secret(replaced.json())).isNotEqualTo(secret(made));
        assertThat(authenticates(made, secret(made))).isTrue();
        assertThat(authenticates(made, secret(replaced.json()))).isTrue();
        JsonNode secrets = customer.manage("GET", place, "").json().required("secrets");
        assertThat(secrets).hasSize(2);
        assertThat(secrets.get(0).required("current").booleanValue()).isTrue();
        assertThat(secrets.get(0).has("valid_until")).isFalse();
        assertThat(secrets.get(1).required("current").booleanValue()).isFalse();
        assertThat(secrets.get(1).required("valid_until").isString()).isTrue();
        for (JsonNode each : secrets) {
            assertThat(each.required("last_used_at").isString()).isTrue();
            assertThat(each.required("created_at").isString()).isTrue();
        }

        JsonNode third = customer.manage("POST", place + "/secret", "").json();
        assertThat(authenticates(made, secret(made))).as("the one before the last").isFalse();
        assertThat(authenticates(made, secret(third))).isTrue();
    }

    @Test
    void createsListsAndDeletesAuthcodes() {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"hardware\"}");
        String place = "/applications/" + made.required("id").stringValue() + "/authcodes";

        JsonNode codes = customer.make(place, "{\"count\":3,\"terminals\":2}").required("authcodes");
        customer.make(place, "{\"count\":1,\"terminals\":1,\"valid_days\":3650}");

        assertThat(codes).hasSize(3);
        assertThat(codes.get(0).propertyNames()).containsExactlyInAnyOrder("authcode", "terminals");
        String code = codes.get(0).required("authcode").stringValue();
        assertThat(admit(made, "terminal-1", code)).isInstanceOf(Terminals.Authorization.Authorized.class);
        JsonNode list = customer.manage("GET", place + "?per_page=100", "").json();
        assertThat(list.required("total_count").intValue()).isEqualTo(4);
        List<String> used = new ArrayList<>();
        int limited = 0;
        for (JsonNode listed : list.required("authcodes")) {
            if (listed.required("used").intValue() > 0) {
                used.add(listed.required("authcode").stringValue());
            }
            limited += listed.has("valid_until") ? 1 : 0;
        }
        assertThat(used).containsExactly(code);
        assertThat(limited).isEqualTo(1);

        assertThat(customer.manage("DELETE", place + "/" + code, "").status()).isEqualTo(204);
        assertThat(customer.manage("DELETE", place + "/" + code, "").reason()).isEqualTo("not_found");
        assertThat(admit(made, "terminal-1", code)).isInstanceOf(Terminals.Authorization.AuthcodeUnknown.class);
        assertThat(customer.manage("GET", place + "?page=2&per_page=2", "").json().required("authcodes")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | count is missing", "{\"count\":1} | terminals is missing",
            "{\"count\":0,\"terminals\":1} | count", "{\"count\":1001,\"terminals\":1} | from 1 to 1000",
            "{\"count\":1.5,\"terminals\":1} | count", "{\"count\":\"1\",\"terminals\":1} | count",
            "{\"count\":1,\"terminals\":0} | terminals", "{\"count\":1,\"terminals\":1000001} | from 1 to 1000000",
            "{\"count\":1,\"terminals\":99999999999} | terminals",
            "{\"count\":1,\"terminals\":1,\"valid_days\":0} | valid_days",
            "{\"count\":1,\"terminals\":1,\"valid_days\":3651} | from 1 to 3650",
            "{\"count\":1,\"terminals\":1,\"valid_days\":null} | valid_days",
            "{\"count\":1,\"terminals\":1,\"name\":\"n\"} | unknown member"})
    void refusesAuthcodesThatMeanNothing(String body, String where) {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"hardware\"}");
        String place = "/applications/" + made.required("id").stringValue() + "/authcodes";

        Reply reply = customer.manage("POST", place, body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("field_invalid");
        assertThat(reply.json().required("detail").stringValue()).contains(where);
        assertThat(customer.manage("GET", place, "").json().required("total_count").intValue()).isZero();
    }

    @Test
    void hasNoAuthcodesIfTerminalsNeedNone() {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"software\"}");

        Reply reply = customer.manage("POST", "/applications/" + made.required("id").stringValue() + "/authcodes",
                "{\"count\":1,\"terminals\":1}");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().required("detail").stringValue()).contains("hardware");
    }

    @Test
    void refusesMoreAuthcodesThanTheLimit() {
        JsonNode made = customer.make("/applications", "{\"name\":\"app\",\"kind\":\"hardware\"}");
        String place = "/applications/" + made.required("id").stringValue() + "/authcodes";
        for (int i = 0; i < 10; i++) {
            customer.make(place, "{\"count\":1000,\"terminals\":1}");
        }

        Reply full = customer.manage("POST", place, "{\"count\":1,\"terminals\":1}");

        assertThat(full.status()).isEqualTo(409);
        assertThat(full.reason()).isEqualTo("limit_reached");
        assertThat(full.json().required("detail").stringValue()).contains("10000 authcodes");
        assertThat(customer.manage("GET", place, "").json().required("total_count").intValue()).isEqualTo(10_000);
    }

    private static String secret(JsonNode issued) {
        return issued.required("app_secret").stringValue();
    }

    private static boolean authenticates(JsonNode made, String secret) {
        return GATE.context().getBean(Applications.class)
                .authenticate(made.required("app_key").stringValue(), new PresentedCredential(secret), null)
                .blockOptional().isPresent();
    }

    private static Terminals.Authorization admit(JsonNode made, String terminal, String authcode) {
        return GATE.context().getBean(Terminals.class).authorize(made.required("app_key").stringValue(),
                new DeviceId(terminal), Optional.of(new PresentedCredential(authcode)), null).blockOptional()
                .orElseThrow();
    }
}
