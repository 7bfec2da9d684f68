package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests in which some server (PHP, Rails, Express, Go, or a server written in C) would find more than the gate has
 * decided on.
 */
@BothLanes
@UsesSharedGate
class CarelessBackendsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final Customer CUSTOMER = GATE.newCustomer();
    private static final String KEY = CUSTOMER
            .newKey("""
                    [{"access_methods":["get","post","put","delete"],"resources":[{"dev_id":"lamp"},{"dev_id":"half","ds_id":"gps"}]}]""");

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    @ParameterizedTest
    @ValueSource(strings = {"datastream_id=gps&=datastream_id=secret", "datastream_id=gps&[datastream_id]=secret",
            "datastream_id=gps&datastream_id[]=secret", "datastream_id=gps&datastream_id[0]=secret",
            "datastream_id=gps&DataStream_Id=secret", "datastream_id=gps&datastream.id=secret",
            "datastream_id=gps&+datastream_id=secret", "datastream_id=gps&%20datastream_id=secret",
            "datastream_id=gps&datastream%5Fid%5B%5D=secret", "datastream_id=gps&%64atastream%2564=x",
            "datastream_id=gps,",
            "datastream_id=gps&datastream_id=", "datastream_id=gps&datastream_id", "datastream_id=g%70s%2C",
            "datastream_id=gps&.method=DELETE",
            "datastream_id=gps&[_method]=DELETE", "datastream_id=gps&_METHOD=DELETE", "datastream_id=gps&x=%00"})
    void refusesParametersThatAServerMightTakeForAnotherId(String query) {
        assertThat(GATE.call(KEY, "GET", "/devices/half/datapoints?" + query).reason()).isEqualTo("request_ambiguous");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void refusesMoreParametersThanAServerReads() {
        String many = "a&".repeat(255);

        assertThat(GATE.call(KEY, "GET", "/devices/half/datapoints?" + many + "datastream_id=gps").status())
                .isEqualTo(200);
        assertThat(GATE.call(KEY, "GET", "/devices/half/datapoints?" + many + "a&datastream_id=gps").reason())
                .isEqualTo("request_ambiguous");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "application/x-www-form-urlencoded | device_id=victim",
            "application/x-www-form-urlencoded; charset=utf-8 | a=1&Device%5fid[]=victim",
            "application/x-www-form-urlencoded | {\"device_id\":\"victim\"}",
            "application/x-www-form-urlencoded | _method=DELETE",
            "application/json | {\"cmd\":1,\"device_id\":\"victim\"}",
            "application/vnd.api+json | {\"device.id\":\"victim\"}",
            "application/json | {\"a\":1,\"a\":2}",
            "multipart/form-data; boundary=x | --x"})
    void refusesBodiesThatRepeatTheIdsOfTheQuery(String contentType, String body) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/checked?device_id=lamp", body, "api-key: " + KEY,
                "Content-Type: " + contentType);

        assertThat(reply.reason()).isEqualTo("body_unreadable");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "application/x-www-form-urlencoded | {\"cmd\":\"on\"}",
            "application/x-www-form-urlencoded | cmd=on&at=12%3A00&100%",
            "application/json | {\"cmd\":\"on\",\"nested\":{\"device_id\":\"victim\"}}",
            "text/plain | device_id=victim", "application/octet-stream | device_id=victim"})
    void letsOtherBodiesPassAsTheyAre(String contentType, String body) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/checked?device_id=lamp", body, "api-key: " + KEY,
                "Content-Type: " + contentType);

        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo(body);
        assertThat(SharedGate.BACKEND.single().header("Content-Type")).isEqualTo(contentType);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type:", "Content-Type: ;", "X-None: 1",
            "Connection: content-type\r\nContent-Type: application/json"})
    void treatsABodyWithoutATypeAsAForm(String headers) {
        assertThat(RawHttp
                .call(GATE.port(), "POST", "/checked?device_id=lamp", "{\"device_id\":\"victim\"}", "api-key: " + KEY,
                        headers)
                .reason()).isEqualTo("body_unreadable");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"multipart/form-data; boundary=x | --x",
            "application/x-www-form-urlencoded | device_id=lamp",
            "application/json | 5;temp", "image/jpeg | anything"})
    void streamsBodiesOfCommandsAndBinaryDataWhateverTheirType(String contentType, String start) {
        byte[] body = java.util.Arrays.copyOf(start.getBytes(StandardCharsets.UTF_8), 300_000);

        for (String target : new String[]{"/cmds?device_id=lamp", "/bindata?device_id=half&datastream_id=gps"}) {
            SharedGate.BACKEND.forget();
            assertThat(
                    RawHttp.call(GATE.port(), "POST", target, body, "api-key: " + KEY, "Content-Type: " + contentType)
                            .status())
                    .isEqualTo(200);
            assertThat(SharedGate.BACKEND.single().body()).isEqualTo(body);
            assertThat(SharedGate.BACKEND.single().header("Content-Type")).isEqualTo(contentType);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/devices/half/datastreams?id=secret | {\"id\":\"gps\"}",
            "/devices/half/datapoints?datastreams[0][id]=secret | {\"datastreams\":[{\"id\":\"gps\"}]}",
            "/batch?targets[][device]=victim | {\"targets\":[{\"device\":\"lamp\"}]}"})
    void refusesIdsOfTheBodyInTheQuery(String target, String body) {
        assertThat(GATE.call(KEY, "POST", target, body).reason()).isEqualTo("request_ambiguous");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/devices/half/datastreams | {\"id\":\"gps\",\"x\":\"&id=secret&\"}",
            "/devices/half/datapoints | {\"datastreams\":[{\"id\":\"gps\"}],\"x\":\"&datastreams[0][id]=secret&\"}"})
    void refusesTextThatIsJsonAndAForm(String target, String body) {
        for (String header : new String[]{"Content-Type: application/x-www-form-urlencoded", "X-None: 1"}) {
            assertThat(RawHttp.call(GATE.port(), "POST", target, body, "api-key: " + KEY, header).reason())
                    .isEqualTo("body_unreadable");
        }
        assertThat(RawHttp.call(GATE.port(), "POST", target, body, "api-key: " + KEY, "Content-Type: application/json")
                .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X_Device: victim", "Transfer_Encoding: chunked", "Content_Length: 3",
            "Content_Type: text/plain",
            "api_key: victim", "HTTP_X: victim"})
    void sendsNoHeaderThatCouldStandInForAnother(String header) {
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "api-key: " + KEY, header).status())
                .isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().hasHeader(header.substring(0, header.indexOf(':')))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h/devices/victim?", "h?x=1", "u@h", "h/"})
    void refusesAHostWithMoreThanAName(String host) {
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "api-key: " + KEY, "Host: " + host).reason())
                .isEqualTo("request_ambiguous");
    }

    @Test
    void createsNoKeyIfTheMasterKeyWasRevokedDuringASlowCall() throws IOException {
        Customer customer = GATE.newCustomer();
        String body = "{\"title\":\"parked\",\"permissions\":[]}";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST /keys HTTP/1.1\r\nHost: gate.test\r\napi-key: " + customer.masterKey()
                    + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body.substring(0, 5)).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            // The gate answers this call after it has read the first half of the slow call. So it has let the slow call
            // in by then.
            assertThat(customer.keys("GET", "/keys", "").required("errno").intValue()).isZero();
            String next = GATE.operate("POST", "/api/v1/accounts/" + customer.account() + "/master-key", "").json()
                    .required("master_key").stringValue();
            out.write(body.substring(5).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            assertThat(RawHttp.read(socket.getInputStream(), true).json().required("errno").intValue())
                    .isEqualTo(40103);
            assertThat(GATE.call(next, "GET", "/keys").json().required("data").required("total_count").intValue())
                    .isZero();
        }
    }

    @Test
    void skipsTheCheckForRepeatedIdsIfTheWholeAccountIsPermitted() {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/checked?device_id=lamp",
                "device_id=other&" + "x".repeat(100_000),
                "api-key: " + CUSTOMER.masterKey(), "Content-Type: application/x-www-form-urlencoded");

        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: text/plain;charset=UTF-16BE",
            "Content-Type: application/json; charset=\"gbk\"",
            "Content-Type: text/plain\r\nContent-Type: text/plain;charset=UTF-16",
            "Content-Encoding: identity\r\nContent-Encoding: gzip",
            "Content-Encoding: deflate"})
    void judgesNoBodyThatAServerMightDecodeDifferently(String headers) {
        // Several header lines are passed as one text, which is sent as it is.
        assertThat(RawHttp
                .call(GATE.port(), "POST", "/devices/half/datapoints?type=5", ",;gps,9;gps,10", "api-key: " + KEY,
                        headers)
                .reason()).isEqualTo("body_unreadable");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    @Test
    void refusesTextWithNulBytes() {
        assertThat(GATE.call(KEY, "POST", "/devices/half/datapoints?type=5", ",;gps, 9gp\0s\0e\0c\0r\0e\0t,;gps,\0009")
                .reason())
                .isEqualTo("body_unreadable");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"datastreams\":[{\"id\":9007199254740993}]}",
            "{\"datastreams\":[{\"id\":\"gps\"}],\"datastreams\\u0000\":[]}",
            "{\"datastreams\":[{\"id\":\"gps\",\" id\":\"secret\"}]}",
            "{\"datastreams\":[{\"id\":\"gps\",\"ID\":\"secret\"}]}",
            "\ufeff{\"datastreams\":[{\"id\":\"gps\"}]}", "{\"datastreams\":[{\"id\":\"gps\"}]} {}"})
    void readsNoIdsThatAnotherReaderWouldReadDifferently(String body) {
        assertThat(GATE.call(KEY, "POST", "/devices/half/datapoints", body).reason()).isEqualTo("body_unreadable");
    }

    @Test
    void sendsNoTwinOfAHeaderWithIds() {
        Reply reply = RawHttp.call(GATE.port(), "GET", "/by-header", "", "api-key: " + KEY, "X-Device: lamp",
                "X_Device: victim",
                "Proxy: http://victim", "Script_Name: /devices");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().headers().toString()).doesNotContain("victim", "/devices");
        assertThat(SharedGate.BACKEND.single().header("X-Device")).isEqualTo("lamp");
    }

    @Test
    void sendsNoBodyWithAGet() {
        Reply reply = RawHttp.call(GATE.port(), "GET", "/devices/lamp", "x".repeat(200_000), "api-key: " + KEY);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).isEmpty();
        assertThat(SharedGate.BACKEND.single().hasHeader("Transfer-Encoding")).isFalse();
    }

    /** The decision is about the body, so the backend must get it, whatever Connection names. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"transfer-encoding | Transfer-Encoding: chunked | 5%hello%0%%",
            "Transfer_Encoding, close | Transfer-Encoding: chunked | 5%hello%0%%",
            "content-length | Content-Length: 5 | hello"})
    void passesOnABodyWhoseFramingIsNamedByConnection(String named, String framing, String body) {
        for (String call : new String[]{"POST /devices/lamp/datapoints", "PUT /devices/lamp", "DELETE /devices/lamp"}) {
            SharedGate.BACKEND.forget();
            Reply reply = RawHttp.exchange(GATE.port(), (call + " HTTP/1.1\r\nHost: gate.test\r\n"
                    + "api-key: " + CUSTOMER.masterKey() + "\r\nConnection: " + named + "\r\n" + framing + "\r\n\r\n"
                    + body.replace("%", "\r\n")).getBytes(StandardCharsets.US_ASCII));

            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo("hello");
        }
    }

    @Test
    void passesOnTheBodyOfADelete() {
        assertThat(GATE.call(KEY, "DELETE", "/devices/lamp", "x".repeat(300_000)).status()).isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().body()).hasSize(300_000);
    }

    @Test
    void doesNotBlameTheBackendForASlowClient() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATE.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /devices/lamp HTTP/1.1\r\nHost: gate.test\r\napi-key: " + KEY
                    + "\r\nContent-Length: 6\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 6; i++) {
                // All six pauses take longer than the gate waits for a backend.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(400));
                out.write('x');
                out.flush();
            }
            assertThat(RawHttp.read(socket.getInputStream(), true).status()).isEqualTo(200);
        }
        assertThat(SharedGate.BACKEND.single().body()).asString().isEqualTo("xxxxxx");
    }

    @Test
    void acceptsUnescapedQueriesOfSimpleClients() {
        byte[] utf8 = "温度".getBytes(StandardCharsets.UTF_8);
        String raw = new String(utf8, StandardCharsets.ISO_8859_1);

        assertThat(GATE.call(KEY, "GET", "/devices/lamp?title=" + raw + "&tag=a|b&q={\"a\":1}").status())
                .isEqualTo(200);
        assertThat(SharedGate.BACKEND.single().target())
                .isEqualTo("/devices/lamp?title=%E6%B8%A9%E5%BA%A6&tag=a%7Cb&q=%7B%22a%22:1%7D");

        CUSTOMER.keys("POST", "/keys", "{\"title\":\"温度 one\",\"permissions\":[]}");
        assertThat(CUSTOMER.keys("GET", "/keys?title=" + raw, "").required("data").required("total_count").intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/keys/a%2fb", "/keys/../keys", "//keys/%00", "/keys?=x"})
    void answersAmbiguousCallsOfKeysAsItsClientsExpect(String target) {
        Reply reply = GATE.call(CUSTOMER.masterKey(), "GET", target);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().required("errno").intValue()).isEqualTo(40001);
    }
}
