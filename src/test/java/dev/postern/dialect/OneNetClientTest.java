package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /keys} as OneNET's own Java client calls it. Replies are read into the same members and types as in that
 * client, and no member may be missing: the client would pass it on as null.
 */
@UsesSharedGate
class OneNetClientTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Customer customer = GATE.newCustomer();
    private final String lamp = customer.account() + "-lamp";
    private final String door = customer.account() + "-door";
    private final String fan = customer.account() + "-fan";

    /** Every reply. */
    record Basic(int errno, String error, JsonNode data) {}

    record NewKey(String key) {}

    record KeyList(int total_count, int per_page, int page, List<Key> keys) {}

    record Key(String create_time, String title, String key, List<Permission> permissions) {}

    record Permission(List<Resource> resources, List<String> access_methods) {}

    record Resource(String dev_id) {}

    record KeyDevices(int total_count, int per_page, int page, List<KeyDevice> devices) {}

    record KeyDevice(String create_time, String name, String id, String desc, String act_time, String last_ct) {}

    record ChangedDevices(int add, int del) {}

    /**
     * Calls with the master key, as that client does: it sends any body as text, and puts the key into the path without
     * encoding it.
     */
    private <T> T call(String method, String target, Object body, Class<T> type) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + GATE.port() + target))
                .timeout(Duration.ofSeconds(30)).header("api-key", customer.masterKey())
                .header("Content-Type", "text/plain; charset=UTF-8")
                .method(method, body.equals("")
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        try {
            HttpResponse<String> reply = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(reply.statusCode()).isEqualTo(200);
            Basic basic = JSON.readValue(reply.body(), Basic.class);
            assertThat(basic.error()).isEqualTo("succ");
            return JSON.treeToValue(basic.data(), type);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static Map<String, Object> wanted(String title, String... devices) {
        return Map.of("title", title, "permissions",
                List.of(Map.of("resources", List.of(devices).stream().map(id -> Map.of("dev_id", id)).toList(),
                        "access_methods", List.of("get"))));
    }

    private String newKey(String title, String... devices) {
        return call("POST", "/keys", wanted(title, devices), NewKey.class).key();
    }

    private List<KeyDevice> devices(String key, String query) {
        return call("GET", "/keys/" + key + "/devices" + query, "", KeyDevices.class).devices();
    }

    private List<String> ids(String key, String query) {
        return devices(key, query).stream().map(KeyDevice::id).toList();
    }

    @Test
    void createsFindsChangesAndDeletesAKey() {
        String key = newKey("first", lamp);

        KeyList found = call("GET", "/keys?title=fir&key=" + key + "&device_id=" + lamp + "&page=1&per_page=5", "",
                KeyList.class);
        assertThat(found.total_count()).isOne();
        assertThat(found.per_page()).isEqualTo(5);
        assertThat(found.keys()).singleElement().satisfies(listed -> {
            assertThat(listed.key()).isEqualTo(key);
            assertThat(listed.title()).isEqualTo("first");
            assertThat(listed.create_time()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
            assertThat(listed.permissions())
                    .containsExactly(new Permission(List.of(new Resource(lamp)), List.of("get")));
        });
        assertThat(call("PUT", "/keys/" + key, wanted("second", door), NewKey.class).key()).isEqualTo(key);
        assertThat(ids(key, "")).containsExactly(door);
        assertThat(call("DELETE", "/keys/" + key, "", JsonNode.class)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"door fan,-,2,0", "lamp,-,0,0", "door lamp,-,1,0", "-,lamp,0,1",
            "-,door,0,0", "door,lamp,1,1", "fan,lamp door,1,1"})
    void learnsHowManyDevicesWereAddedAndDeleted(String add, String delete, int added, int deleted) {
        String key = newKey("k", lamp);
        Map<String, Object> wanted = new HashMap<>();
        if (add != null) {
            wanted.put("add_dev_ids", own(add));
        }
        if (delete != null) {
            wanted.put("del_dev_ids", own(delete));
        }

        assertThat(call("PUT", "/keys/" + key + "/devices", wanted, ChangedDevices.class))
                .isEqualTo(new ChangedDevices(added, deleted));
        assertThat(ids(key, "")).hasSize(1 + added - deleted);
        assertThat(call("PUT", "/keys/" + key + "/devices", wanted, ChangedDevices.class)).as("the same again")
                .isEqualTo(new ChangedDevices(0, 0));
    }

    private List<String> own(String names) {
        return List.of(names.split(" ")).stream().map(name -> customer.account() + "-" + name).toList();
    }

    @Test
    void findsEveryMemberOfADeviceThatItReads() {
        String key = newKey("k", lamp, door);
        customer.make("/devices", "{\"id\":\"" + lamp + "\",\"title\":\"Küche 💡\"}");

        assertThat(devices(key, "?page=1&per_page=10&is_related=true"))
                .containsExactly(new KeyDevice("", "Küche 💡", lamp, "", "", ""),
                        new KeyDevice("", "", door, "", "", ""));
        assertThat(customer.keys("GET", "/keys/" + key + "/devices", "").required("data").required("devices").get(0))
                .hasToString("{\"id\":\"" + lamp + "\",\"title\":\"Küche 💡\",\"name\":\"Küche 💡\",\"desc\":\"\","
                        + "\"create_time\":\"\",\"act_time\":\"\",\"last_ct\":\"\",\"is_related\":true}");
    }

    @Test
    void findsDevicesByTheBeginningOfTheirTitles() {
        String key = newKey("k", lamp, door);
        newKey("other", fan);
        Customer neighbour = GATE.newCustomer();
        customer.make("/devices", "{\"id\":\"" + lamp + "\",\"title\":\"kitchen lamp\"}");
        customer.make("/devices", "{\"id\":\"" + fan + "\",\"title\":\"kitchen fan\"}");
        neighbour.make("/devices", "{\"id\":\"" + door + "\",\"title\":\"kitchen door\"}");

        assertThat(ids(key, "?device_title=kitchen")).as("not by what others call theirs").containsExactly(lamp);
        assertThat(ids(key, "?device_title=kitchen&device_id=" + door)).isEmpty();
        assertThat(ids(key, "?device_title=lamp")).isEmpty();
        assertThat(ids(key, "?device_title=kitchen&is_related=false")).containsExactly(fan);
        assertThat(devices(key, "?device_id=" + door)).extracting(KeyDevice::name).containsExactly("");

        neighbour.manage("POST", "/devices/" + door + "/shares", "{\"account\":\"" + customer.account() + "\"}");
        assertThat(ids(key, "?device_title=kitchen")).as("shared with the account").containsExactly(lamp, door);
    }

    @Test
    void readsTheCommandsOfADevice() {
        SharedGate.BACKEND.forget();
        String key = newKey("k", lamp);

        assertThat(GATE.call(key, "GET", "/cmds/history/" + lamp + "?start=2018-12-28T15:20:00&limit=10&sort=DESC")
                .status()).isEqualTo(200);
        assertThat(GATE.call(key, "GET", "/cmds/history/" + door + "?start=2018-12-28T15:20:00").reason())
                .isEqualTo("device_not_permitted");
        assertThat(SharedGate.BACKEND.single().target())
                .isEqualTo("/cmds/history/" + lamp + "?start=2018-12-28T15:20:00&limit=10&sort=DESC");
    }
}
