package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RawHttp2;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.WireBackend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and numbers that some backends read as other names and numbers, and which of them the gate forwards. */
@BothLanes
@OwnsItsGate
class TwinsTest {
    private static final WireBackend BACKEND = new WireBackend();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.apis.checked.operations[0].call=POST /checked",
            "postern.apis.checked.operations[0].devices=query:device_id",
            "postern.apis.checked.operations[0].body=checked",
            "postern.apis.headers.operations[0].call=GET /by-header",
            "postern.apis.headers.operations[0].devices=header:X-Device",
            "postern.apis.batch.operations[0].call=POST /batch",
            "postern.apis.batch.operations[0].devices=body:targets[].device_id",
            "postern.apis.meters.operations[0].call=GET /meters/{device}",
            "postern.apis.meters.operations[1].call=GET /images/{device:digits}_{index}",
            "postern.apis.meters.operations[2].call=POST /readings",
            "postern.apis.meters.operations[2].devices=body:meter",
            "postern.apis.meters.device-ids=digits",
            "postern.apis.filtered.operations[0].call=GET /filtered/{device}",
            "postern.apis.filtered.filters[0]=AddRequestHeader=X_Own_Name, kept",
            "postern.apis.filtered.filters[1]=AddRequestHeader=X_Postern_Device, forged",
            "postern.apis.filtered.filters[2]=AddRequestHeader=X.Forwarded.For, forged");
    private static final Customer CUSTOMER = GATE.newCustomer();
    private static final String KEY = CUSTOMER.newKey("""
            [{"access_methods":["get","post","put"],"resources":[{"dev_id":"lamp"},{"dev_id":"7"},{"dev_id":"007"},
              {"dev_id":"half","ds_id":"gps"}]}]""");

    @BeforeEach
    void forget() {
        BACKEND.forget();
    }

    @AfterAll
    static void stop() {
        GATE.close();
        BACKEND.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /devices/half/datastreams | {"id":"gps","_id":"temp"}
            /devices/half/datastreams | {"id":"gps","i_d":"temp"}
            /devices/half/datastreams | {"id":"gps","\\u005fid":"temp"}
            /devices/half/datastreams | {"id":"gps","\\u0131d":"temp"}
            /devices/half/datastreams | {"Id":"gps"}
            /devices/half/datapoints  | {"datastreams":[{"id":"gps"}],"data_streams":[{"id":"temp"}]}
            /devices/half/datapoints  | {"datastreams":[{"id":"gps"},{"id":"gps","ID_":"temp"}]}
            /devices/half/datapoints  | {"datastreams":[{"id":"gps"}],"data\\u017ftreams":[]}
            /batch                    | {"targets":[{"device_id":"lamp","deviceId":"victim"}]}
            /batch                    | {"targets":[{"device_id":"lamp","DeviceID":"victim"}]}
            /batch                    | {"targets":[{"device_id":"lamp"}],"_targets":[{"device_id":"victim"}]}
            /batch                    | {"targets":[{"device_id":"lamp","device_id":"victim"}]}
            """)
    void sendsNoBodyWithATwinOfAMemberThatWasDecidedOn(String target, String body) {
        assertThat(GATE.call(KEY, "POST", target, body).reason()).isEqualTo("body_unreadable");
        assertThat(BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /devices/half/datastreams       | {"id":"gps","unit":"deg","tags":["_id"],"uuid":"x","data":{"_id":"y"}}
            /devices/half/datapoints        | {"datastreams":[{"id":"gps","datapoints":[{"_id":1}]}],"device_id":"half"}
            /devices/half/datapoints?type=3 | {"gps":{"id":"x","_id":"y"}}
            /batch                          | {"targets":[{"device_id":"lamp","devices":["x"],"id":"y"}],"target":1}
            """)
    void sendsOrdinaryBodiesOnByteForByte(String target, String body) {
        assertThat(GATE.call(KEY, "POST", target, body).status()).isEqualTo(200);
        assertThat(BACKEND.single()).endsWith("\r\n\r\n" + body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev-Ids=victim", "devids=victim", "dev_ids=victim", "dev.ids=victim", "_devIds=victim",
            "devIds[]=victim", "devIds.0=victim", "DEV%5fIDS=victim"})
    void sendsNoTwinOfAParameterThatWasDecidedOn(String twin) {
        for (String query : List.of("devIds=lamp&" + twin, twin + "&devIds=lamp", twin)) {
            assertThat(GATE.call(KEY, "GET", "/devices/status?" + query).reason()).isEqualTo("request_ambiguous");
        }
        assertThat(BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Content-Type: application/x-www-form-urlencoded                        | deviceId=victim
            Content-Type: application/x-www-form-urlencoded                        | a=1&_device-id[]=victim
            Content-Type: application/json                                         | {"DeviceID":"victim"}
            Content-Type: multipart/form-data; boundary=x                          | --x
            Content-Type: text/plain\\r\\nContent-Type: application/octet-stream   | device_id=victim
            Content-Type: text/plain, application/octet-stream                     | device_id=victim
            Content-Type: text/plain\\r\\ncontent-type: text/plain                 | device_id=victim
            """)
    void sendsNoBodyThatMayRepeatTheIdsOfTheQuery(String headers, String body) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/checked?device_id=lamp", body, "api-key: " + KEY,
                headers.replace("\\r\\n", "\r\n"));

        assertThat(reply.reason()).isEqualTo("body_unreadable");
        assertThat(BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: application/json;charset=utf-8;charset=utf-7",
            "Content-Type: application/json; charset=\"utf-8\"; Charset=\"utf-16\"",
            "Content-Type: application/json; charset=utf-8; charset*=utf-16''x",
            "Content-Type: application/json\r\nContent-Type: text/plain",
            "Content-Type: application/json, text/plain", "Content-Type: application/json; x=\"a\", text/plain"})
    void sendsNoBodyThatWasReadInOneCharsetOrTypeOfTwo(String headers) {
        assertThat(RawHttp.call(GATE.port(), "POST", "/devices/half/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}",
                "api-key: " + KEY, headers).reason()).isEqualTo("body_unreadable");
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void forwardsABodyWithOneCharset() {
        assertThat(RawHttp.call(GATE.port(), "POST", "/devices/half/datapoints", "{\"datastreams\":[{\"id\":\"gps\"}]}",
                "api-key: " + KEY, "Content-Type: text/plain; Charset=\"UTF-8\";").status()).isEqualTo(200);
        assertThat(BACKEND.single()).contains("\r\nContent-Type: text/plain; Charset=\"UTF-8\";\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"_", ".", "~", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|"})
    void sendsNoHeaderWhoseNameFoldsToAnother(String character) {
        String[] names = {"X-Postern-Device", "X-Postern-Account", "X-Postern-New", "X-Forwarded-For",
                "X-Forwarded-Port", "X-Real-IP", "api-key", "X-HTTP-Method-Override", "Script-Name", "X-Device",
                "X-Anything-Else", "Content-Length", "Transfer-Encoding"};
        String[] lines = new String[names.length + 2];
        for (int i = 0; i < names.length; i++) {
            lines[i] = names[i].replace("-", character) + ": victim";
        }
        lines[names.length] = "X-Device: lamp";
        lines[names.length + 1] = "api-key: " + KEY;

        assertThat(RawHttp.call(GATE.port(), "GET", "/by-header", "", lines).status()).isEqualTo(200);
        assertThat(BACKEND.single()).doesNotContain("victim").contains("\r\nX-Device: lamp\r\n")
                .contains("\r\nX-Postern-Device: lamp\r\n");
        assertThat(namesOf(BACKEND.single())).allMatch(name -> name.matches("[A-Za-z0-9-]+"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded: for=victim", "Proxy: victim",
            "x-postern-device: victim", "X-POSTERN-ANYTHING: victim", "x-real-IP: victim", "X-Original-Url: /victim",
            "x-method-override: DELETE"})
    void forwardsNoSpoofedHeaderInAnyLetterCase(String line) {
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", line, "X-Kept: yes", "api-key: " + KEY)
                .status()).isEqualTo(200);
        assertThat(BACKEND.single()).doesNotContain("victim", "DELETE").contains("\r\nX-Kept: yes\r\n");
    }

    @Test
    void forwardsNoTwinOfItsOwnHeaderThatIsTooLongToSend() {
        String many = IntStream.range(0, 200).mapToObj(i -> "device-of-this-account-" + i)
                .collect(Collectors.joining(","));

        assertThat(RawHttp.call(GATE.port(), "GET", "/devices/status?devIds=" + many, "",
                "api-key: " + CUSTOMER.masterKey(), "X-Postern-Device: victim", "X.Postern.Device: victim",
                "X_Postern_Device: victim", "x-postern~device: victim").status()).isEqualTo(200);
        assertThat(head(BACKEND.single())).doesNotContain("victim", "x-postern-device", "x.postern")
                .contains("x-postern-account: " + CUSTOMER.account());
    }

    @Test
    void forwardsNoTwinOfItsOwnHeaderWithoutADevice() {
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices", "", "api-key: " + CUSTOMER.masterKey(),
                "X-Postern-Device: victim", "X.Postern.Device: victim", "X_Postern_Device: victim").status())
                .isEqualTo(200);
        assertThat(head(BACKEND.single())).doesNotContain("victim", "postern-device", "postern.device");
    }

    @Test
    void keepsHeadersOfAnOperatorExceptThoseOfTheGate() {
        assertThat(GATE.call(KEY, "GET", "/filtered/lamp").status()).isEqualTo(200);
        assertThat(BACKEND.single()).contains("\r\nX_Own_Name: kept\r\n").doesNotContain("forged");
    }

    @Test
    void forwardsARepeatedHeaderAsOftenAsItCame() {
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "X-Note: a", "x-note: b", "api-key: " + KEY)
                .status()).isEqualTo(200);
        assertThat(head(BACKEND.single()).lines().filter(line -> line.startsWith("x-note:")))
                .containsExactly("x-note: a", "x-note: b");
    }

    @Test
    void sendsNoTrailers() {
        String request = "PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY
                + "\r\nTrailer: X-Postern-Device, X-Note\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
                + "X-Postern-Device: victim\r\nX_Postern_Device: victim\r\nX-Note: victim\r\nContent-Length: 3\r\n\r\n";

        assertThat(RawHttp.exchange(GATE.port(), request.getBytes(StandardCharsets.US_ASCII)).status()).isEqualTo(200);
        assertThat(BACKEND.single()).doesNotContain("victim", "X-Note").endsWith("\r\n5\r\nhello\r\n0\r\n\r\n");
        assertThat(head(BACKEND.single())).doesNotContain("trailer:").contains("x-postern-device: lamp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "0005", " 5 ", "\t05\t"})
    void sendsALengthAsAPlainDecimal(String length) {
        for (String method : List.of("PUT /devices/lamp", "POST /devices/half/datastreams")) {
            BACKEND.forget();
            String body = method.startsWith("PUT") ? "hello" : "{}   ";
            String key = method.startsWith("PUT") ? KEY : CUSTOMER.masterKey();
            assertThat(sent(method, "Content-Length:" + length, key, body).status()).isEqualTo(200);
            assertThat(head(BACKEND.single()).lines().filter(line -> line.startsWith("content-length:")))
                    .containsExactly("content-length: 5");
            assertThat(BACKEND.single()).endsWith("\r\n\r\n" + body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"+5", "-5", "0x5", "5, 5", "5,6", "5 5", "5.0", "0o5", "", "99999999999999999999",
            "5\r\nContent-Length: 5", "5\r\nContent-Length: 6"})
    void refusesALengthThatIsNotADecimal(String length) {
        assertThat(sent("PUT /devices/lamp", "Content-Length: " + length, KEY, "hello").status()).isEqualTo(400);
        assertThat(BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "0005", "00000000000000000000005", "5, 5", "5,05"})
    void sendsALengthThatCameOverHttp2AsAPlainDecimalOrNotAtAll(String length) {
        boolean answered = RawHttp2.exchange(GATE.port(), overHttp2("content-length: " + length), "hello", List.of());

        if (answered) {
            assertThat(head(BACKEND.single()).lines().filter(line -> line.startsWith("content-length:")))
                    .containsExactly("content-length: 5");
            assertThat(BACKEND.single()).endsWith("\r\n\r\nhello");
        } else {
            assertThat(length).as("refused by the server below").isEqualTo("5,05");
            assertThat(BACKEND.received()).isEmpty();
        }
    }

    @Test
    void sendsNoHttp2Trailers() {
        assertThat(RawHttp2.exchange(GATE.port(), overHttp2("trailer: x-note"), "hello",
                List.of("x-note: victim", "x-postern-device: victim", "x_postern_device: victim"))).isTrue();
        assertThat(BACKEND.single()).doesNotContain("victim", "x-note").contains("hello")
                .contains("\r\nX-Postern-Device: lamp\r\n");
    }

    @Test
    void sendsNoHeaderThatCameOverHttp2AndFoldsToAnother() {
        assertThat(RawHttp2.exchange(GATE.port(), overHttp2("x.postern.device: victim", "x_real_ip: victim",
                "x~http~method~override: victim", "x-postern-account: victim"), "hello", List.of())).isTrue();
        assertThat(BACKEND.single()).doesNotContain("victim");
    }

    private static List<String> overHttp2(String... more) {
        List<String> fields = new ArrayList<>(List.of(":method: PUT", ":scheme: http", ":path: /devices/lamp",
                ":authority: gate.test", "api-key: " + KEY));
        fields.addAll(List.of(more));
        return fields;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/meters/007", "/meters/+7", "/meters/lamp", "/meters/%30%37", "/images/007_15_1"})
    void sendsNoIdInAnotherFormThanTheCatalogueRequires(String target) {
        assertThat(GATE.call(KEY, "GET", target).reason()).isEqualTo("request_ambiguous");
        assertThat(GATE.call(CUSTOMER.masterKey(), "GET", target).reason()).isEqualTo("request_ambiguous");
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void sendsNoBodyWithAnIdInAnotherForm() {
        for (String key : List.of(KEY, CUSTOMER.masterKey())) {
            assertThat(GATE.call(key, "POST", "/readings", "{\"meter\":\"007\"}").reason())
                    .isEqualTo("body_unreadable");
        }
        assertThat(BACKEND.received()).isEmpty();
        assertThat(GATE.call(KEY, "POST", "/readings", "{\"meter\":7}").status()).isEqualTo(200);
        assertThat(GATE.call(KEY, "GET", "/images/7_007").status()).isEqualTo(200);
        assertThat(BACKEND.received()).hasSize(2);
    }

    private static Reply sent(String call, String lengthLine, String key, String body) {
        return RawHttp.exchange(GATE.port(), (call + " HTTP/1.1\r\nHost: gate.test\r\napi-key: " + key + "\r\n"
                + lengthLine + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    }

    private static String head(String request) {
        return request.substring(0, request.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
    }

    private static List<String> namesOf(String request) {
        return head(request).lines().skip(1).map(line -> line.substring(0, line.indexOf(':'))).toList();
    }
}
