package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /keys} as the programs of OneNET's users call it. */
@UsesSharedGate
class KeysTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String READ_LAMP = "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]";

    private final Customer customer = GATE.newCustomer();

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    @Test
    void makesKeysThatLookLikeOneNets() {
        assertThat(customer.newKey(READ_LAMP)).hasSize(28).matches("[A-Za-z0-9=]+");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"POST | /keys | {", "GET | /keys?page=0 | ''", "PATCH | /keys | ''",
            "DELETE | /keys/unknown | ''", "PUT | /keys/unknown | {}", "GET | /keys/unknown/devices | ''",
            "GET | /keys/a/b | ''", "GET | /keys | ''"})
    void alwaysAnswers200WithALengthAndThreeMembers(String method, String target, String body) {
        Reply reply = GATE.call(customer.masterKey(), method, target, body);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Length")).isEqualTo(Integer.toString(reply.body().length));
        assertThat(reply.header("Transfer-Encoding")).isEmpty();
        assertThat(reply.json().propertyNames()).containsExactlyInAnyOrder("errno", "error", "data");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void answers200ToAWrongKeyToo() {
        Reply reply = GATE.call("wrong", "GET", "/keys");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().required("errno").intValue()).isEqualTo(40103);
        assertThat(reply.json().required("error").stringValue()).startsWith("auth failed");
    }

    @Test
    void acceptsOnlyTheMasterKey() {
        JsonNode reply = GATE.call(customer.newKey(READ_LAMP), "GET", "/keys").json();

        assertThat(reply.required("errno").intValue()).isEqualTo(40320);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=GBK",
            "nonsense"})
    void ignoresTheContentType(String contentType) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/keys", "{\"title\":\"t\",\"permissions\":" + READ_LAMP + "}",
                "api-key:" + customer.masterKey(), "Content-Type: " + contentType);

        assertThat(reply.json().required("errno").intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"//keys", "/keys?", "/keys/", "//keys//?v=1&v=1&timestamp=1503372720"})
    void acceptsTargetsAsClientsSendThem(String target) {
        customer.newKey(READ_LAMP);

        assertThat(customer.keys("GET", target, "").required("data").required("total_count").intValue()).isEqualTo(1);
    }

    @Test
    void acceptsVerbsInAnyCaseNumericIdsAndUnknownMembers() {
        String key = customer.newKey(
                "[{\"access_methods\":[\"GET\",\"Post\"],\"note\":{},\"resources\":[{\"dev_id\":39593230,\"x\":1}]}]");

        assertThat(GATE.call(key, "GET", "/devices/39593230").status()).isEqualTo(200);
        JsonNode permissions = listed(key).required("permissions");
        assertThat(permissions.toString()).isEqualTo(
                "[{\"access_methods\":[\"get\",\"post\"],\"resources\":[{\"dev_id\":\"39593230\"}]}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"resources\":[{\"dev_id\":\"lamp\"}]},{\"access_methods\":[\"get\"]}]",
            "[{\"resources\":[{\"dev_id\":\"lamp\"}]}]", "[{\"access_methods\":[\"get\"]}]",
            "[{\"access_methods\":[\"get\"],\"resources\":[]}]",
            "[{\"access_methods\":[],\"resources\":[{\"dev_id\":\"lamp\"}]}]",
            "[{}]", "[]"})
    void grantsNothingForHalfAPermission(String permissions) {
        String key = customer.newKey(permissions);

        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).isEqualTo(403);
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void grantsNothingForMethodsAtTopLevel() {
        JsonNode made = customer.keys("POST", "/keys",
                "{\"title\":\"t\",\"access_methods\":[\"get\"],\"permissions\":[{\"resources\":[{\"dev_id\":\"lamp\"}]}]}");
        String key = made.required("data").required("key").stringValue();

        assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).isEqualTo("action_not_permitted");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"title\":\"t\" | 40010 | line",
            "[] | 40010 | object",
            "{\"title\":\"t\",\"title\":\"u\",\"permissions\":[]} | 40010 | line",
            "'' | 40011 | JSON body",
            "{\"permissions\":[]} | 40011 | title",
            "{\"title\":\"t\"} | 40011 | permissions",
            "{\"title\":5,\"permissions\":[]} | 40012 | title",
            "{\"title\":\" \",\"permissions\":[]} | 40012 | title",
            "{\"title\":\"a\\u0000b\",\"permissions\":[]} | 40012 | title",
            "{\"title\":\"t\",\"permissions\":{}} | 40012 | permissions",
            "{\"title\":\"t\",\"permissions\":[1]} | 40012 | permissions[0]",
            "{\"title\":\"t\",\"permissions\":[{\"access_methods\":[\"fly\"]}]} | 40012 | permissions[0].access_methods[0]",
            "{\"title\":\"t\",\"permissions\":[{\"access_methods\":\"get\"}]} | 40012 | permissions[0].access_methods",
            "{\"title\":\"t\",\"permissions\":[{\"resources\":[{\"ds_id\":\"x\"}]}]} | 40011 | permissions[0].resources[0].dev_id",
            "{\"title\":\"t\",\"permissions\":[{\"resources\":[{\"dev_id\":\"a/b\"}]}]} | 40012 | permissions[0].resources[0].dev_id",
            "{\"title\":\"t\",\"permissions\":[{\"resources\":[{\"dev_id\":\"a\",\"ds_id\":\"\"}]}]} | 40012 | permissions[0].resources[0].ds_id"})
    void refusesBadInputAndChangesNothing(String body, int errno, String where) {
        String key = customer.newKey(READ_LAMP);
        String before = listed();

        for (String target : List.of("/keys", "/keys/" + key)) {
            JsonNode reply = customer.keys(target.equals("/keys") ? "POST" : "PUT", target, body);
            assertThat(reply.required("errno").intValue()).as(reply.toString()).isEqualTo(errno);
            assertThat(reply.required("error").stringValue()).contains(where);
        }
        assertThat(listed()).isEqualTo(before);
    }

    private String listed() {
        return TestGate.patiently(() -> {
            JsonNode reply = customer.keys("GET", "/keys", "");
            assertThat(reply.required("errno").intValue()).isZero();
            return reply.toString();
        });
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        JsonNode reply = customer.keys("POST", "/keys",
                "{\"title\":\"" + "x".repeat(1_100_000) + "\",\"permissions\":[]}");

        assertThat(reply.required("errno").intValue()).isEqualTo(41310);
    }

    @Test
    void listsKeysInPagesInTheOrderOfTheirCreation() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            made.add(customer.newKey(READ_LAMP));
        }

        JsonNode first = customer.keys("GET", "/keys", "").required("data");
        JsonNode second = customer.keys("GET", "/keys?page=2", "").required("data");
        JsonNode ofFive = customer.keys("GET", "/keys?page=3&per_page=5", "").required("data");

        assertThat(first.required("total_count").intValue()).isEqualTo(12);
        assertThat(first.required("page").intValue()).isEqualTo(1);
        assertThat(first.required("per_page").intValue()).isEqualTo(10);
        List<String> listed = new ArrayList<>(keysOf(first));
        listed.addAll(keysOf(second));
        assertThat(listed).hasSize(12).containsExactlyInAnyOrderElementsOf(made);
        assertThat(keysOf(ofFive)).hasSize(2);
        assertThat(keysOf(customer.keys("GET", "/keys?page=9", "").required("data"))).isEmpty();
        assertThat(first.required("keys").get(0).required("create_time").stringValue())
                .matches("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}");
    }

    @Test
    void findsKeysByKeyByDeviceAndByTheStartOfTheTitle() {
        String lamp = customer.newKey(READ_LAMP);
        String door = customer.keys("POST", "/keys", "{\"title\":\"door opener\",\"permissions\":"
                + "[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"door\",\"ds_id\":\"open\"}]}]}")
                .required("data").required("key").stringValue();

        assertThat(found("?key=" + lamp)).containsExactly(lamp);
        assertThat(found("?key=" + lamp.replace("=", "%3D"))).containsExactly(lamp);
        assertThat(found("?device_id=door")).containsExactly(door);
        assertThat(found("?dev_id=lamp")).containsExactly(lamp);
        assertThat(found("?title=door")).containsExactly(door);
        assertThat(found("?title=door+op")).containsExactly(door);
        assertThat(found("?title=opener")).isEmpty();
        assertThat(found("?key=" + lamp + "&device_id=door")).isEmpty();
        assertThat(found("?key=" + GATE.newCustomer().newKey(READ_LAMP))).as("a key of another account").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"?page=0", "?page=x", "?per_page=101", "?per_page=-1", "?device_id=a%2Fb", "?title=%ff"})
    void refusesMeaninglessFilters(String query) {
        assertThat(customer.keys("GET", "/keys" + query, "").required("errno").intValue()).isEqualTo(40012);
    }

    @Test
    void revokesAKeyAtOnce() {
        String key = customer.newKey(READ_LAMP);
        assertThat(GATE.call(key, "GET", "/devices/lamp").status()).isEqualTo(200);

        assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isZero();

        assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(customer.keys("DELETE", "/keys/" + key, "").required("errno").intValue()).isEqualTo(40410);
    }

    @Test
    void keepsTheKeysOfAnotherAccountOutOfReach() {
        String theirs = GATE.newCustomer().newKey(READ_LAMP);

        assertThat(customer.keys("DELETE", "/keys/" + theirs, "").required("errno").intValue()).isEqualTo(40410);
        assertThat(customer.keys("PUT", "/keys/" + theirs, "{\"title\":\"t\",\"permissions\":[]}").required("errno")
                .intValue())
                .isEqualTo(40410);
        assertThat(customer.keys("GET", "/keys/" + theirs + "/devices", "").required("errno").intValue())
                .isEqualTo(40410);
        assertThat(GATE.call(theirs, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @Test
    void doesNotTreatTheMasterKeyAsAnApiKey() {
        assertThat(customer.keys("DELETE", "/keys/" + customer.masterKey(), "").required("errno").intValue())
                .isEqualTo(40410);
        assertThat(customer.keys("GET", "/keys", "").required("errno").intValue()).isZero();
    }

    @Test
    void addsAndRemovesDevicesOfAKey() {
        String key = customer
                .newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\",\"ds_id\":\"gps\"},"
                        + "{\"dev_id\":\"door\"}]}]");

        JsonNode reply = customer.keys("PUT", "/keys/" + key + "/devices",
                "{\"add_dev_ids\":[\"fan\",\"lamp\"],\"del_dev_ids\":[\"door\"],}");

        assertThat(reply.required("errno").intValue()).isZero();
        assertThat(GATE.call(key, "GET", "/devices/fan").status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(key, "GET", "/devices/lamp").reason()).as("adding does not widen")
                .isEqualTo("stream_not_permitted");
        assertThat(devices(key, "")).containsExactly("lamp", "fan");
    }

    @Test
    void listsTheDevicesOfAKeyAndThoseOfTheOthers() {
        String key = customer.newKey(READ_LAMP);
        customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"door\"},{\"dev_id\":\"lamp\"}]}]");

        assertThat(devices(key, "?is_related=true")).containsExactly("lamp");
        assertThat(devices(key, "?is_related=false")).containsExactly("door");
        assertThat(devices(key, "?is_related=false&device_id=door")).containsExactly("door");
        assertThat(devices(key, "?device_id=door")).isEmpty();
        assertThat(devices(key, "?device_title=x")).isEmpty();
        assertThat(customer.keys("GET", "/keys/" + key + "/devices?is_related=maybe", "").required("errno").intValue())
                .isEqualTo(40012);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"add_dev_ids\":[\"a\"],\"del_dev_ids\":[\"a\"]}", "{\"add_dev_ids\":\"a\"}",
            "{\"add_dev_ids\":[\"a b\"]}"})
    void refusesMeaninglessChangesOfDevices(String body) {
        String key = customer.newKey(READ_LAMP);

        assertThat(customer.keys("PUT", "/keys/" + key + "/devices", body).required("errno").intValue()).isNotZero();
        assertThat(devices(key, "")).containsExactly("lamp");
    }

    private List<String> devices(String key, String query) {
        List<String> ids = new ArrayList<>();
        customer.keys("GET", "/keys/" + key + "/devices" + query, "").required("data").required("devices")
                .forEach(device -> ids.add(device.required("id").stringValue()));
        return ids;
    }

    private List<String> found(String query) {
        return keysOf(customer.keys("GET", "/keys" + query, "").required("data"));
    }

    private JsonNode listed(String key) {
        return customer.keys("GET", "/keys?key=" + key, "").required("data").required("keys").get(0);
    }

    private static List<String> keysOf(JsonNode data) {
        List<String> keys = new ArrayList<>();
        data.required("keys").forEach(key -> keys.add(key.required("key").stringValue()));
        return keys;
    }
}
