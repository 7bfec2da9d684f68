package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.LicensedGate;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the management API of devices and licenses answers careless and hostile input. */
@UsesSharedGate
class HostileDevicesTest {
    private static final TestGate GATE = LicensedGate.GATE;
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{\"seats\":-1}", "{\"plan\":\"paid\"}",
            "{\"plan\":\"PAID\",\"seats\":1}",
            "{\"plan\":\"paid\",\"seats\":1e2}", "{\"plan\":\"paid\",\"seats\":4294967297}",
            "{\"plan\":\"paid\",\"seats\":null}", "{\"plan\":\"paid\",\"seats\":\"3\"}", "{\"years\":0}",
            "{\"valid_until\":\"+1000000000-12-31T23:59:59Z\"}", "{\"valid_until\":\"-1000000000-01-01T00:00:00Z\"}",
            "{\"valid_until\":\"+99999-1-1\"}", "{\"valid_until\":\"\"}",
            "{\"years\":1,\"valid_until\":\"2999-01-01\"}",
            "{\"enabled\":\"true\"}", "{\"enabled\":null}", "{\"seats\":5,\"seats\":6}", "{\"nothing\":1}"})
    void refusesALicenseThatIsNone(String body) {
        Customer customer = GATE.newCustomer();
        String before = license(customer);

        Reply reply = customer.manage("PUT", "/license", body);

        assertThat(reply.status()).as(reply.text()).isBetween(400, 499);
        assertThat(license(customer)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "{acme}", "é", "a|b", "a,b", "a\u0000b"})
    void refusesAnInvalidId(String id) {
        Customer customer = GATE.newCustomer();
        assertThat(customer.manage("POST", "/devices", device(id, "title")).status()).isEqualTo(400);
        assertThat(customer.manage("GET", "/devices", "").json().required("total_count").intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1|2|3|4|5|6", "\"quoted\" \\ back", "a/b</script>", "📷 \u2028", "''--", "%s {0}", "[]",
            "0"})
    void storesEveryTitleUnchanged(String title) {
        Customer customer = GATE.newCustomer();
        Customer neighbour = GATE.newCustomer();
        String id = customer.account() + "-d";
        customer.make("/projects", JSON.writeValueAsString(Map.of("name", title, "devices", new String[0])));
        customer.make("/devices", device(id, title));
        customer.make("/devices/" + id + "/shares", "{\"account\":\"" + neighbour.account() + "\"}");

        assertThat(titleOf(customer, id)).isEqualTo(title);
        assertThat(titleOf(neighbour, id)).isEqualTo(title);
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=0", "page=99999999999", "per_page=0", "per_page=1000000", "seat=yes", "origin=mine",
            "project=%2F", "user=a%20b", "seat=true&seat=false"})
    void refusesInvalidListParameters(String query) {
        Customer customer = GATE.newCustomer();
        assertThat(customer.manage("GET", "/devices?" + query, "").status()).as(query).isBetween(400, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"after=1", "before=-", "after=0-0&before=0-0", "per_page=0", "per_page=1001",
            "after=99999999999999999999-0"})
    void refusesInvalidLedgerParameters(String query) {
        Customer customer = GATE.newCustomer();
        assertThat(customer.manage("GET", "/license/ledger?" + query, "").status()).as(query).isEqualTo(400);
    }

    @Test
    void reportsBrokenLinesOfAnImportByNumberAndAcceptsTheOthers() {
        Customer customer = GATE.newCustomer();
        String id = customer.account() + "-";
        String body = String.join("\n", device(id + "1", "one"), "", "  \t", "{", "[]", device("a/b", "x"),
                device(id + "1", "again"), "x".repeat(5000), device(id + "2", "two") + "\r", "{\"id\":\"" + id + "3\"}",
                device(id + "4", "four").replace("}", ",\"project\":\"none\"}"), "\uFEFF" + device(id + "5", "five"),
                device(id + "6", "six"));

        JsonNode result = customer.manage("POST", "/devices:import", body).json();

        assertThat(result.required("lines").intValue()).isEqualTo(13);
        assertThat(result.required("added").intValue()).isEqualTo(3);
        assertThat(result.required("already_there").intValue()).isEqualTo(1);
        assertThat(result.required("errors").valueStream().map(error -> error.required("line").intValue()).sorted())
                .containsExactly(4, 5, 6, 8, 10, 11, 12);
        JsonNode again = customer.manage("POST", "/devices:import", body).json();
        assertThat(again.required("added").intValue()).isZero();
        assertThat(again.required("already_there").intValue()).isEqualTo(4);
    }

    private static String titleOf(Customer customer, String id) {
        return customer.manage("GET", "/devices/" + id, "").json().required("title").stringValue();
    }

    private static String license(Customer customer) {
        return customer.manage("GET", "/license", "").text();
    }

    private static String device(String id, String title) {
        return JSON.writeValueAsString(Map.of("id", id, "title", title));
    }
}
