package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The PUT of a key from OneNET's document, sent exactly as it is printed there, with one comma too many; and what the
 * key may do afterwards.
 */
@UsesSharedGate
class OneNetDocumentTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String DOCUMENT_EXAMPLE = """
            {
                "title": "newapikey",
                "permissions": [{
                    "access_methods": ["get", "put", "post", "delete"],
                    "resources": [{
                        "dev_id": "39593230",
                        "ds_id": "gps"
                    }, {
                        "dev_id": "39456825"
                    }]
                }],
            }
            """;

    private static String key = "";
    private static Reply put = new Reply(0, java.util.Map.of(), new byte[0]);

    @BeforeAll
    static void sendTheDocumentsExample() {
        Customer customer = GATE.newCustomer();
        key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"1\"}]}]");
        put = RawHttp.call(GATE.port(), "PUT", "/keys/" + key.replace("=", "%3D"), DOCUMENT_EXAMPLE,
                "api-key:" + customer.masterKey(), "Content-Type: application/x-www-form-urlencoded");
    }

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    @Test
    void answersAsTheDocumentSays() {
        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().toString())
                .isEqualTo("{\"errno\":0,\"error\":\"succ\",\"data\":{\"key\":\"" + key + "\"}}");
        assertThat(put.header("Content-Length")).isEqualTo(Integer.toString(put.body().length));
    }

    @Test
    void dropsThePreviousPermissionsOfAKey() {
        assertThat(GATE.call(key, "GET", "/devices/1").reason()).isEqualTo("device_not_permitted");
    }

    @ParameterizedTest
    @CsvSource({"GET, /devices/39593230/datapoints?datastream_id=gps",
            "GET, /devices/39593230/datastreams/gps",
            "GET, /devices/39593230/datastreams?datastream_ids=gps",
            "DELETE, /devices/39593230/datastreams/gps",
            "GET, /devices/39456825",
            "PUT, /devices/39456825",
            "DELETE, /devices/39456825",
            "GET, /devices/39456825/datapoints",
            "GET, /devices/39456825/datastreams/anything",
            "GET, /devices/status?devIds=39456825",
            "POST, /cmds?device_id=39456825",
            "GET, /bindata/39456825_1503372720_1",
            "GET, /logs/39456825"})
    void allows(String method, String target) {
        assertThat(GATE.call(key, method, target).status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().method()).isEqualTo(method);
        assertThat(SharedGate.BACKEND.single().target()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({"GET, /devices/39593230/datapoints?datastream_id=temp, stream_not_permitted",
            "GET, '/devices/39593230/datapoints?datastream_id=gps,temp', stream_not_permitted",
            "GET, /devices/39593230/datapoints?datastream_id=gps&datastream_id=temp, stream_not_permitted",
            "GET, /devices/39593230/datapoints, stream_not_permitted",
            "GET, /devices/39593230, stream_not_permitted",
            "GET, /devices/39593230/datastreams/temp, stream_not_permitted",
            "GET, /devices/39593231, device_not_permitted",
            "GET, '/devices/status?devIds=39456825,39456826', device_not_permitted",
            "GET, /devices/status, account_scope_required",
            "POST, /cmds?device_id=39593230, stream_not_permitted",
            "GET, /bindata/39456826_1503372720_1, device_not_permitted",
            "GET, /triggers, account_scope_required",
            "POST, /register_de?register_code=abc, account_scope_required"})
    void refuses(String method, String target, String reason) {
        assertThat(GATE.call(key, method, target).reason()).isEqualTo(reason);
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/devices/39593230/datapoints | {\"datastreams\":[{\"id\":\"gps\",\"datapoints\":[{\"value\":1}]}]}",
            "/devices/39593230/datapoints?type=1 | {\"datastreams\":[{\"id\":\"gps\"},{\"id\":\"gps\"}]}",
            "/devices/39593230/datapoints?type=3 | {\"gps\":{\"lon\":113.2,\"lat\":23.1}}",
            "/devices/39593230/datapoints?type=4 | {\"gps\":{\"2015-03-22 22:31:12\":22.5}}",
            "/devices/39593230/datapoints?type=5 | ,;gps,2015-03-22T22:31:12,22.5;gps,89"})
    void passesDataPointsOfThePermittedStream(String target, String body) {
        assertThat(GATE.call(key, "POST", target, body).status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "/devices/39593230/datapoints | {\"datastreams\":[{\"id\":\"gps\"},{\"id\":\"temp\"}]}",
            "/devices/39593230/datapoints?type=3 | {\"gps\":1,\"temp\":22.5}",
            "/devices/39593230/datapoints?type=4 | {\"gps\":{\"2015-03-22 22:31:12\":1},\"temp\":{\"2015-03-22 22:31:12\":2}}",
            "/devices/39593230/datapoints?type=5 | ,;gps,22.5;temp,89"})
    void refusesDataPointsOfAnotherStreamBesides(String target, String body) {
        assertThat(GATE.call(key, "POST", target, body).reason()).isEqualTo("stream_not_permitted");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"datastreams\":[{\"id\":\"gps\",\"id\":\"temp\"}]}",
            "{\"datastreams\":[{\"id\":\"gps\"}],\"Datastreams\":[{\"id\":\"temp\"}]}",
            "{\"datastreams\":{\"id\":\"gps\"}}", "{\"temp\":22.5}", "[]", "not json",
            "{\"datastreams\":[{\"id\":null}]}"})
    void neverGuessesWhatABodyNames(String body) {
        assertThat(GATE.call(key, "POST", "/devices/39593230/datapoints", body).reason()).isEqualTo("body_unreadable");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void doesNotReadTheBodyIfTheWholeDeviceIsPermitted() {
        String anything = "anything at all, " + "x".repeat(200_000);
        assertThat(GATE.call(key, "POST", "/devices/39456825/datapoints", anything).status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo(anything);
    }
}
