package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/accounts/{account}/projects} and {@code /users}, over a real socket. */
@UsesSharedGate
class DeviceGroupManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    @ParameterizedTest
    @ValueSource(strings = {"/projects", "/users"})
    void acceptsAnIdOrGeneratesOne(String path) {
        JsonNode chosen = customer.make(path,
                "{\"id\":\"a.b_c:d~e-f\",\"name\":\"n\",\"devices\":[\"b\",\"a\",\"b\"]}");
        JsonNode madeUp = customer.make(path, "{\"name\":\"n\",\"devices\":[]}");

        assertThat(chosen).hasToString("{\"id\":\"a.b_c:d~e-f\",\"name\":\"n\",\"devices\":[\"a\",\"b\"]}");
        assertThat(customer.manage("GET", path + "/a.b_c:d~e-f", "").json()).isEqualTo(chosen);
        assertThat(madeUp.required("id").stringValue()).matches("[A-Za-z0-9_-]{12}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/projects", "/users"})
    void refusesATakenId(String path) {
        customer.make(path, "{\"id\":\"taken\",\"name\":\"first\",\"devices\":[\"lamp\"]}");

        Reply again = customer.manage("POST", path, "{\"id\":\"taken\",\"name\":\"second\",\"devices\":[]}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("already_exists");
        assertThat(again.json().required("detail").stringValue()).contains("taken");
        assertThat(customer.manage("GET", path + "/taken", "").json().required("name").stringValue())
                .isEqualTo("first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/projects", "/users"})
    void limitsTheDevicesOfAGroup(String path) {
        String most = devices(10_000);

        Reply made = customer.manage("POST", path, "{\"id\":\"all\",\"name\":\"n\",\"devices\":" + most + "}");
        Reply tooMany = customer.manage("PUT", path + "/all", "{\"name\":\"n\",\"devices\":" + devices(10_001) + "}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(tooMany.status()).isEqualTo(400);
        assertThat(tooMany.json().required("detail").stringValue())
                .isEqualTo("devices has 10001 entries; the maximum is 10000");
        JsonNode kept = customer.manage("GET", path + "/all", "").json().required("devices");
        assertThat(kept).hasToString(most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"projects", "users"})
    void changesThePermissionsOfTokensThatNameIt(String plural) {
        customer.make("/" + plural, "{\"id\":\"house\",\"name\":\"n\",\"devices\":[\"lamp\"]}");
        String token = customer.make("/static-tokens", "{\"name\":\"" + plural + customer.account()
                + "\",\"rules\":[{\"actions\":[\"get\"],\"" + plural + "\":[\"house\"]}]}").required("token")
                .stringValue();
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");

        customer.manage("PUT", "/" + plural + "/house", "{\"name\":\"n\",\"devices\":[\"door\"]}");
        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(token, "GET", "/devices/door").status()).isEqualTo(200);

        customer.manage("DELETE", "/" + plural + "/house", "");
        assertThat(GATE.call(token, "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");
    }

    private static String devices(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"" + "d".repeat(123) + "%05d".formatted(i) + "\"")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
