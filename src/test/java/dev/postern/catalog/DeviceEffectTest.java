package dev.postern.catalog;

import static dev.postern.catalog.TestCalls.catalog;
import static dev.postern.catalog.TestCalls.operation;
import static dev.postern.catalog.TestCalls.read;
import static dev.postern.catalog.TestCalls.registering;
import static dev.postern.catalog.TestCalls.removing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DeviceId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the catalogue reads from replies to calls that register or remove devices. */
class DeviceEffectTest {
    private static final DeviceReply REMOVED = new DeviceReply.Removed(new DeviceId("lamp"));
    private static final DeviceReply UNSUCCESSFUL = new DeviceReply.Unsuccessful();

    private static final Catalog CATALOG = catalog(registering("GET,POST /devices", "body:data.device_id"),
            registering("PUT /flat/{device}", "body:id"), operation("POST /plain/{device}"),
            removing("DELETE /devices/{device}"), removing("POST /indexed/{device:digits}_{rest}"),
            new ApiDefinition.OperationDefinition("DELETE /besides/{device}", List.of("query:device_id"), List.of(),
                    null, null, true));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"errno":0,"error":"succ","data":{"device_id":"39593230"}}   | 39593230
            {"errno":0,"data":{"device_id":39593230}}                    | 39593230
            {"data":{"device_id":0}}                                     | 0
            {"data":{"device_id":9007199254740993}}                      | 9007199254740993
            {"data":{"device_id":18446744073709551617}}                  | 18446744073709551617
            {"data":{"device_id":"a.b_c:d~e-f","x":[1]},"errno":0}       | a.b_c:d~e-f
            {"data":{"device_id":"lamp","id":"x","device_ids":["y"]}}    | lamp
            {"data":{"device_id":"lamp"},"deviceId":"other","x":{"Data":1}} | lamp
            {"device_id":"other","data":{"device_id":"lamp"}}            | lamp
            """)
    void findsTheDeviceThatAReplyNames(String reply, String device) {
        assertThat(registered(reply)).isEqualTo(new DeviceReply.Registered(new DeviceId(device)));
        assertThat(registered("\ufeff \r\n" + reply)).isEqualTo(registered(reply));
    }

    @Test
    void findsTheDeviceAtTheTopLevel() {
        assertThat(change("PUT", "/flat/lamp").read(bytes("{\"id\":\"lamp\"}")))
                .isEqualTo(new DeviceReply.Registered(new DeviceId("lamp")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"errno\":5,\"error\":\"no\",\"data\":{\"device_id\":\"lamp\"}}", "{\"errno\":-1}",
            "{\"errno\":\"0\",\"data\":{\"device_id\":\"lamp\"}}", "{\"errno\":null}", "{\"errno\":0.0}",
            "{\"errno\":{},\"data\":{\"device_id\":\"lamp\"}}", "{\"errno\":4294967296}",
            "{\"errno\":18446744073709551616}"})
    void takesAnEnvelopeWithAnErrorForAFailure(String reply) {
        assertThat(registered(reply)).isEqualTo(UNSUCCESSFUL);
        assertThat(removed(reply)).isEqualTo(UNSUCCESSFUL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                     | The reply has nothing at 'data.device_id'.
            {"errno":0}                            | The reply has nothing at 'data.device_id'.
            {"errno":0,"data":null}                | The reply has nothing at 'data.device_id'.
            {"errno":0,"data":"lamp"}              | The reply has nothing at 'data.device_id'.
            {"errno":0,"data":["lamp"]}            | The reply has nothing at 'data.device_id'.
            {"data":[{"device_id":"lamp"}]}        | The reply has nothing at 'data.device_id'.
            {"data":{"device_id":null}}            | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":true}}            | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":["lamp"]}}        | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":{"id":"lamp"}}}   | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":-1}}              | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":1.0}}             | The value at 'data.device_id' in the reply is not an ID.
            {"data":{"device_id":1e3}}             | The value at 'data.device_id' in the reply is not an ID.
            ["lamp"]                               | The reply is not a JSON object.
            "lamp"                                 | The reply is not a JSON object.
            null                                   | The reply is not a JSON object.
            ``                                     | The body is empty.
            """)
    void learnsNothingFromAReplyWithoutAnId(String reply, String detail) {
        assertThat(registered(reply)).isEqualTo(new DeviceReply.Unreadable(detail));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"data":{"device_id":"lamp","deviceId":"other"}}                 | device_id
            {"data":{"device_id":"lamp","Device_ID":"other"}}                | device_id
            {"data":{"device_id":"lamp","_device_id":"other"}}               | device_id
            {"data":{"device_id":"lamp","device\\u005fid_":"other"}}         | device_id
            {"data":{"device_id":"lamp","dev\\u0131ce_id":"other"}}          | device_id
            {"data":{"Device_Id":"lamp"}}                                    | device_id
            {"data":{"device_id":"lamp"},"Data":{"device_id":"other"}}       | data
            {"data":{"device_id":"lamp"},"_data":{"device_id":"other"}}      | data
            {"data":{"device_id":"lamp"},"data\\u0000":1}                    | data
            {"errno":0,"Errno":5,"data":{"device_id":"lamp"}}                | errno
            {"err_no":5,"data":{"device_id":"lamp"}}                         | errno
            """)
    void learnsNothingFromAReplyThatOthersReadDifferently(String reply, String member) {
        DeviceReply unreadable = new DeviceReply.Unreadable(
                "The body contains another spelling of the member '" + member
                        + "'.");

        assertThat(registered(reply)).isEqualTo(unreadable);
        assertThat(removed(reply)).isEqualTo(member.equals("errno") ? unreadable : REMOVED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            digits | "7"                    | true
            digits | 7                      | true
            digits | 18446744073709551617   | true
            digits | "0"                    | true
            digits | "007"                  | false
            digits | "+7"                   | false
            digits | "-7"                   | false
            digits | "7a"                   | false
            digits | ""                     | false
            lower  | "lamp-1"               | true
            lower  | 7                      | true
            lower  | "Lamp-1"               | false
            """)
    void learnsNoIdThatIsNotInItsForm(String form, String id, boolean learned) {
        Catalog catalog = Catalog.compile(Map.of("test", new ApiDefinition(null, null,
                List.of(registering("POST /devices", "body:id")), List.of(), form, null)));
        DeviceReply reply = ((DeviceEffect.Change) read(catalog, "POST", "/devices").effect())
                .read(bytes("{\"id\":" + id + "}"));

        assertThat(reply).isInstanceOf(learned ? DeviceReply.Registered.class : DeviceReply.Unreadable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "..", "lamp ", "l\\u00e4mp", "a,b", "lamp\\u0000"})
    void learnsNothingFromAReplyWithAnInvalidId(String id) {
        assertThat(registered("{\"data\":{\"device_id\":\"" + id + "\"}}")).isEqualTo(new DeviceReply.Unreadable(
                "The value at 'data.device_id' in the reply is not an ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -."));
        assertThat(registered("{\"data\":{\"device_id\":" + "9".repeat(129) + "}}"))
                .isInstanceOf(DeviceReply.Unreadable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"errno\":0,\"errno\":5,\"data\":{\"device_id\":\"lamp\"}}",
            "{\"data\":{\"device_id\":\"lamp\",\"device_id\":\"other\"}}", "{\"data\":{\"device_id\":\"lamp\"}} {}",
            "{\"data\":{\"device_id\":\"lamp\"}", "{\"errno\":", "{"})
    void learnsNothingFromAmbiguousJson(String reply) {
        assertThat(registered(reply)).isInstanceOf(DeviceReply.Unreadable.class);
        assertThat(removed(reply)).isInstanceOf(DeviceReply.Unreadable.class);
    }

    @Test
    void learnsNothingFromTextInAnotherCharset() {
        byte[] reply = "{\"errno\":0,\"error\":\"\u00e9\",\"data\":{\"device_id\":\"lamp\"}}"
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(change("POST", "/devices").read(reply))
                .isEqualTo(new DeviceReply.Unreadable("The body is not UTF-8."));
        assertThat(change("DELETE", "/devices/lamp").read(reply))
                .isEqualTo(new DeviceReply.Unreadable("The body is not UTF-8."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"errno\":0}", "{\"errno\":0,\"data\":null}", "\ufeff{\"errno\":0}", "gone",
            "<html>", "[]", "null", "[{\"errno\":5}]", "\"errno\""})
    void acceptsAnySuccessfulReplyAsARemoval(String reply) {
        assertThat(removed(reply)).isEqualTo(REMOVED);
    }

    @Test
    void noticesAFailureBehindAByteOrderMark() {
        assertThat(removed("\ufeff\n{\"errno\":5}")).isEqualTo(UNSUCCESSFUL);
    }

    @Test
    void removesTheDeviceInThePathWhateverElseIsNamed() {
        assertThat(read(CATALOG, "DELETE", "/besides/lamp?device_id=other").effect())
                .isEqualTo(new DeviceEffect.Removes(new DeviceId("lamp")));
        assertThat(read(CATALOG, "POST", "/indexed/39593230_1").effect())
                .isEqualTo(new DeviceEffect.Removes(new DeviceId("39593230")));
    }

    @ParameterizedTest
    @CsvSource({"GET, /devices", "HEAD, /devices", "POST, /plain/lamp"})
    void unmarkedAndReadOnlyCallsHaveNoEffect(String method, String target) {
        assertThat(read(CATALOG, method, target).effect()).isEqualTo(new DeviceEffect.None());
    }

    private static DeviceEffect.Change change(String method, String target) {
        DeviceEffect effect = read(CATALOG, method, target).effect();
        assertThat(effect).isInstanceOf(DeviceEffect.Change.class);
        return (DeviceEffect.Change) effect;
    }

    private static DeviceReply registered(String reply) {
        return change("POST", "/devices").read(bytes(reply));
    }

    private static DeviceReply removed(String reply) {
        return change("DELETE", "/devices/lamp").read(bytes(reply));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
