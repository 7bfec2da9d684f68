package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The management API over a real socket, and what the two ports keep from each other. */
@UsesSharedGate
class ManagementTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";

    @Test
    void createsAnAccountAndShowsItsMasterKeyOnce() {
        Reply made = GATE.operate("POST", "/api/v1/accounts", "{\"id\":\"shown-once\",\"name\":\"Häuser & Co\"}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Location")).isEqualTo("/api/v1/accounts/shown-once");
        assertThat(made.header("Cache-Control")).contains("no-store");
        String masterKey = made.json().required("master_key").stringValue();
        assertThat(GATE.call(masterKey, "GET", "/devices").status()).isEqualTo(200);

        Reply found = GATE.operate("GET", "/api/v1/accounts/shown-once", "");
        assertThat(found.json().required("name").stringValue()).isEqualTo("Häuser & Co");
        assertThat(found.text()).doesNotContain("master").doesNotContain(masterKey);
        assertThat(allAccounts().toString()).contains("shown-once").doesNotContain("master");
    }

    @Test
    void refusesATakenId() {
        Customer customer = GATE.newCustomer();

        Reply again = GATE.operate("POST", "/api/v1/accounts",
                "{\"id\":\"" + customer.account() + "\",\"name\":\"other\"}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("already_exists");
        assertThat(
                GATE.operate("GET", "/api/v1/accounts/" + customer.account(), "").json().required("name").stringValue())
                .isEqualTo("Account of a test");
        assertThat(customer.keys("GET", "/keys", "").required("errno").intValue()).as("the master key still works")
                .isZero();
    }

    @Test
    void replacesTheMasterKey() {
        Customer customer = GATE.newCustomer();
        String key = customer.newKey(READ_LAMP);

        Reply replaced = GATE.operate("POST", "/api/v1/accounts/" + customer.account() + "/master-key", "");

        assertThat(replaced.status()).isEqualTo(200);
        String newKey = replaced.json().required("master_key").stringValue();
        assertThat(GATE.call(customer.masterKey(), "GET", "/devices").reason()).isEqualTo("credential_invalid");
        assertThat(GATE.call(newKey, "GET", "/devices").status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).as("its keys are untouched").isEqualTo(200);
    }

    @Test
    void deletesAnAccountWithAllItsKeys() {
        Customer customer = GATE.newCustomer();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            keys.add(customer.newKey(READ_LAMP));
        }

        assertThat(GATE.operate("DELETE", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(204);

        keys.add(customer.masterKey());
        for (String key : keys) {
            assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        }
        for (Reply gone : List.of(GATE.operate("GET", "/api/v1/accounts/" + customer.account(), ""),
                GATE.operate("DELETE", "/api/v1/accounts/" + customer.account(), ""),
                GATE.operate("POST", "/api/v1/accounts/" + customer.account() + "/master-key", ""))) {
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.reason()).isEqualTo("not_found");
        }
        assertThat(GATE.operate("POST", "/api/v1/accounts",
                "{\"id\":\"" + customer.account() + "\",\"name\":\"again\"}").status()).isEqualTo(201);
    }

    @Test
    void listsAccountsInPages() {
        for (int i = 0; i < 3; i++) {
            GATE.newCustomer();
        }
        List<JsonNode> all = allAccounts();
        JsonNode second = GATE.operate("GET", "/api/v1/accounts?page=2&per_page=1", "").json();

        assertThat(accounts()).isEqualTo(all.size()).isGreaterThan(2);
        assertThat(second.required("per_page").intValue()).isEqualTo(1);
        assertThat(second.required("accounts")).hasSize(1);
        assertThat(second.required("accounts").get(0)).isEqualTo(all.get(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{ | 400 | request_malformed", "'' | 400 | request_malformed",
            "[] | 400 | request_malformed",
            "{\"id\":\"a\",\"id\":\"b\",\"name\":\"n\"} | 400 | request_malformed",
            "{\"name\":\"n\"} | 400 | field_invalid", "{\"id\":\"a\"} | 400 | field_invalid",
            "{\"id\":\"a/b\",\"name\":\"n\"} | 400 | field_invalid", "{\"id\":5,\"name\":\"n\"} | 400 | field_invalid",
            "{\"id\":\"..\",\"name\":\"n\"} | 400 | field_invalid",
            "{\"id\":\"bad-input\",\"name\":\"a\\u0007b\"} | 400 | field_invalid",
            "{\"id\":\"bad-input\",\"name\":\" \"} | 400 | field_invalid",
            "{\"id\":\"bad-input\",\"name\":\"n\",\"nmae\":1} | 400 | field_invalid"})
    void refusesBadInputAndMakesNothing(String body, int status, String reason) {
        int before = accounts();

        Reply reply = GATE.operate("POST", "/api/v1/accounts", body);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo(reason);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(accounts()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?page=0", "?per_page=101", "?page=x", "?page=1&page=2"})
    void refusesInvalidPages(String query) {
        assertThat(GATE.operate("GET", "/api/v1/accounts" + query, "").reason()).isEqualTo("field_invalid");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"PUT | /accounts | GET, POST", "PUT | /accounts/a | DELETE, GET",
            "GET | /accounts/a/master-key | POST", "POST | /apis | GET", "PUT | /accounts/a/devices/b | DELETE, GET",
            "PATCH | /accounts/a/devices/b | DELETE, GET", "GET | /accounts/a/devices:import | POST",
            "DELETE | /accounts/a/license | GET, PUT", "PUT | /accounts/a/license/extensions | GET, POST",
            "POST | /accounts/a/license/ledger | GET", "DELETE | /accounts/a/projects | GET, POST",
            "POST | /accounts/a/applications/b | DELETE, GET, PUT",
            "GET | /accounts/a/applications/b/authcodes/c | DELETE", "GET | /accounts/a/applications/b/secret | POST"})
    void saysWhichMethodsAPathTakes(String method, String path, String methods) {
        Reply reply = GATE.operate(method, "/api/v1" + path, "{}");

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.reason()).isEqualTo("method_unknown");
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.header("Allow").split(",")).containsExactlyInAnyOrder(methods.split(", "));
        assertThat(reply.json().required("detail").stringValue()).isEqualTo("This path supports " + methods + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/accounts/a/b", "/accounts/a/devices/b/c", "/accounts/a/licence", "/account", "/apis/x"})
    void findsNoUnknownPath(String path) {
        assertThat(GATE.operate("PUT", "/api/v1" + path, "{}").status()).isEqualTo(404);
    }

    @Test
    void isForTheOperatorOnly() {
        Customer customer = GATE.newCustomer();
        for (String header : List.of("X: y", "Authorization: Bearer wrong", "Authorization: Bearer ",
                "Authorization: Basic eDp5", "api-key: " + TestGate.OPERATOR_TOKEN,
                "Authorization: " + TestGate.OPERATOR_TOKEN)) {
            Reply reply = RawHttp.call(GATE.managementPort(), "DELETE", "/api/v1/accounts/" + customer.account(), "",
                    header);
            assertThat(reply.status()).as(header).isEqualTo(401);
            assertThat(reply.header("WWW-Authenticate")).contains(" realm=\"postern-management\"");
        }
        assertThat(RawHttp.call(GATE.managementPort(), "DELETE", "/api/v1/accounts/" + customer.account(), "",
                "Authorization: Bearer " + customer.masterKey()).status()).as("its own account").isEqualTo(403);
        assertThat(GATE.operate("GET", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/accounts", "/actuator/health", "/actuator/prometheus", "/actuator", "/api/v1/apis",
            "/v3/api-docs", "//api/v1/accounts", "/actuator/gateway/routes", "/actuator/../api/v1/accounts"})
    void keepsTheManagementPortOffThePublicOne(String target) {
        Reply reply = RawHttp.call(GATE.port(), "GET", target, "", "Authorization: Bearer " + TestGate.OPERATOR_TOKEN);

        assertThat(reply.reason()).isIn("operation_unknown", "request_ambiguous");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/keys", "/devices/lamp", "/api/v2/accounts", "/actuator/../devices/lamp",
            "//devices/lamp",
            "/api/v1/../../devices/lamp"})
    void keepsThePublicPortOffTheManagementOne(String target) {
        Customer customer = GATE.newCustomer();
        SharedGate.BACKEND.forget();

        Reply reply = RawHttp.call(GATE.managementPort(), "GET", target, "", "api-key: " + customer.masterKey());

        assertThat(reply.status()).isIn(400, 401, 404);
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/gateway/routes", "/actuator/env", "/actuator/beans", "/actuator/heapdump",
            "/actuator/shutdown", "/actuator/loggers"})
    void exposesOnlyHealthAndPrometheus(String target) {
        assertThat(GATE.operate("GET", target, "").status()).isEqualTo(404);
    }

    private static int accounts() {
        return GATE.operate("GET", "/api/v1/accounts", "").json().required("total_count").intValue();
    }

    private static List<JsonNode> allAccounts() {
        List<JsonNode> all = new ArrayList<>();
        for (int page = 1; all.size() < accounts(); page++) {
            GATE.operate("GET", "/api/v1/accounts?per_page=100&page=" + page, "").json().required("accounts")
                    .forEach(all::add);
        }
        return all;
    }
}
