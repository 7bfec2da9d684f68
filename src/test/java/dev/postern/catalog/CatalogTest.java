package dev.postern.catalog;

import static dev.postern.catalog.TestCalls.api;
import static dev.postern.catalog.TestCalls.apis;
import static dev.postern.catalog.TestCalls.catalog;
import static dev.postern.catalog.TestCalls.operation;
import static dev.postern.catalog.TestCalls.read;
import static dev.postern.catalog.TestCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.access.Streams;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {
    private static final Catalog DEVICES = catalog(operation("GET,POST /devices"),
            operation("GET,PUT,DELETE /devices/{device}"),
            operation("GET /devices/status", List.of("query:devIds"), List.of()),
            operation("GET,DELETE /devices/{device}/datapoints", List.of(), List.of("query:datastream_id")),
            operation("POST /devices/{device}/datapoints", List.of(), List.of("body:onenet-datapoints")),
            operation("GET,PUT,PATCH /devices/{device}/datastreams/{stream}"),
            operation("POST /cmds", List.of("query:device_id", "header:X-Device"), List.of("header:X-Stream")),
            operation("POST /batch", List.of("body:devices[].id"), List.of()),
            operation("GET /bindata/{device:digits}_{index}"),
            operation("GET /cmds/{command}/resp"));

    @ParameterizedTest
    @CsvSource({"GET, GET", "HEAD, GET", "PUT, PUT", "PATCH, PUT"})
    void readsDeviceAndStreamFromThePath(String method, Action action) {
        Reading.Read read = read(DEVICES, method, "/devices/lamp-1/datastreams/temp");

        assertThat(read.request()).isEqualTo(new AccessRequest(new ApiId("test"), action,
                List.of(new DeviceId("lamp-1")), false, new Streams.Named(List.of(new StreamId("temp")))));
        assertThat(read.path()).isEqualTo("/devices/lamp-1/datastreams/temp");
        assertThat(read.query()).isEmpty();
        assertThat(read.idHeaders()).isEmpty();
    }

    @Test
    void readsARequestThatNamesNoDevice() {
        assertThat(read(DEVICES, "POST", "/devices").request())
                .isEqualTo(new AccessRequest(new ApiId("test"), Action.POST, List.of(), false,
                        new Streams.WholeDevice()));
    }

    @Test
    void ignoresOtherVariables() {
        Reading.Read read = read(DEVICES, "GET", "/cmds/5a1b-77/resp");

        assertThat(read.request().devices()).isEmpty();
        assertThat(read.request().streams()).isEqualTo(new Streams.WholeDevice());
        assertThat(read.path()).isEqualTo("/cmds/5a1b-77/resp");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            devIds=lamp-1                      | lamp-1                | devIds=lamp-1
            devIds=lamp-1,lamp-2               | lamp-1 lamp-2         | devIds=lamp-1,lamp-2
            devIds=lamp-1&devIds=lamp-2        | lamp-1 lamp-2         | devIds=lamp-1&devIds=lamp-2
            devIds=a,b&x=1&devIds=c            | a b c                 | devIds=a,b&x=1&devIds=c
            devIds=lamp-1%2Clamp-2             | lamp-1 lamp-2         | devIds=lamp-1,lamp-2
            devIds=l%61mp%2d1                  | lamp-1                | devIds=lamp-1
            dev%49ds=lamp-1                    | lamp-1                | devIds=lamp-1
            a=1;2&devIds=lamp-1                | lamp-1                | a=1%3B2&devIds=lamp-1
            a=%41&devIds=lamp-1                | lamp-1                | a=%41&devIds=lamp-1
            page=2&devIds=lamp-1&              | lamp-1                | page=2&devIds=lamp-1
            """)
    void readsEveryIdOfAParameterAndRebuildsIt(String query, String devices, String sent) {
        Reading.Read read = read(DEVICES, "GET", "/devices/status?" + query);

        assertThat(read.request().devices()).extracting(DeviceId::value)
                .containsExactly(devices.split(" ", -1));
        assertThat(read.query()).isEqualTo(sent);
    }

    @Test
    void readsNoDeviceIfTheParameterIsMissing() {
        Reading.Read read = read(DEVICES, "GET", "/devices/status?page=1");

        assertThat(read.request().devices()).isEmpty();
        assertThat(read.query()).isEqualTo("page=1");
    }

    @Test
    void readsStreamsFromAParameter() {
        assertThat(read(DEVICES, "GET", "/devices/lamp-1/datapoints?datastream_id=temp,hum").request().streams())
                .isEqualTo(new Streams.Named(List.of(new StreamId("temp"), new StreamId("hum"))));
        assertThat(read(DEVICES, "GET", "/devices/lamp-1/datapoints").request().streams())
                .isEqualTo(new Streams.WholeDevice());
    }

    @Test
    void readsIdsFromEveryValueOfAHeaderAndRebuildsIt() {
        Reading.Read read = read(DEVICES, "POST", "/cmds",
                Map.of("X-Device", List.of("lamp-1, lamp-2", " lamp-3 "), "X-Stream", List.of("temp")));

        assertThat(read.request().devices()).extracting(DeviceId::value).containsExactly("lamp-1", "lamp-2",
                "lamp-3");
        assertThat(read.request().streams()).isEqualTo(new Streams.Named(List.of(new StreamId("temp"))));
        assertThat(read.idHeaders()).isEqualTo(Map.of("X-Device", "lamp-1,lamp-2,lamp-3", "X-Stream", "temp"));
    }

    @Test
    void combinesTheIdsOfAllPlaces() {
        Reading.Read read = read(DEVICES, "POST", "/cmds?device_id=lamp-1", Map.of("X-Device", List.of("lamp-2")));

        assertThat(read.request().devices()).extracting(DeviceId::value).containsExactly("lamp-1", "lamp-2");
        assertThat(read.query()).isEqualTo("device_id=lamp-1");
        assertThat(read.idHeaders()).isEqualTo(Map.of("X-Device", "lamp-2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lamp-1,", ",lamp-1", "lamp-1,,lamp-2", "lamp 1", "lamp-1;lamp-2", "..", "lämp"})
    void refusesAnAmbiguousHeader(String value) {
        assertThat(refused(DEVICES, "POST", "/cmds", Map.of("X-Device", List.of(value))).denied())
                .isEqualTo(new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                        "The header X-Device does not contain an ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ - where"
                                + " one is required."));
    }

    @Test
    void reportsThatStreamsMayBeInTheBody() {
        Reading.Read read = read(DEVICES, "POST", "/devices/lamp-1/datapoints?type=3");

        assertThat(read.request().devicesInBody()).isFalse();
        assertThat(read.request().streams()).isEqualTo(new Streams.InBody(List.of()));
    }

    @Test
    void reportsThatDevicesMayBeInTheBody() {
        AccessRequest request = read(DEVICES, "POST", "/batch").request();

        assertThat(request.devicesInBody()).isTrue();
        assertThat(request.devices()).isEmpty();
        assertThat(request.streams()).isEqualTo(new Streams.WholeDevice());
    }

    @Test
    void readsIdsFromTheBody() {
        Reading.Read read = read(DEVICES, "POST", "/batch");

        assertThat(read.bodyIds().read(read.request(),
                "{\"devices\":[{\"id\":\"lamp-1\"},{\"id\":\"lamp-2\"}]}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new BodyIds.Outcome.Complete(new AccessRequest(new ApiId("test"), Action.POST,
                        List.of(new DeviceId("lamp-1"), new DeviceId("lamp-2")), false, new Streams.WholeDevice())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /bindata/39593230_1503372720_1    | 39593230 | /bindata/39593230_1503372720_1
            /bindata/39593230_1               | 39593230 | /bindata/39593230_1
            /bindata/0_x                      | 0        | /bindata/0_x
            //bindata//3%39_x/                | 39       | /bindata/39_x
            """)
    void readsTheDeviceInFrontOfAnIndex(String target, String device, String path) {
        Reading.Read read = read(DEVICES, "GET", target);

        assertThat(read.request().devices()).containsExactly(new DeviceId(device));
        assertThat(read.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"39593230", "39593230_", "_1503372720", "lamp_1503372720", "3959a_1", "-1_2", "1%202_3",
            "1_2%203", "1_2,3"})
    void refusesAnIndexThatDoesNotStartWithADevice(String index) {
        assertThat(refused(DEVICES, "GET", "/bindata/" + index).denied().reason())
                .isEqualTo(DenyReason.REQUEST_AMBIGUOUS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            //devices//lamp-1/                 | /devices/lamp-1
            /devices/l%61mp-1                  | /devices/lamp-1
            /%64evices/lamp-1/                 | /devices/lamp-1
            http://elsewhere/devices/lamp-1    | /devices/lamp-1
            /devices/lamp-1?                   | /devices/lamp-1
            /devices/                          | /devices
            """)
    void rebuildsThePathFromWhatItRead(String target, String path) {
        Reading.Read read = read(DEVICES, "GET", target);

        assertThat(read.path()).isEqualTo(path);
        assertThat(read.query()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices/lamp%201", "/devices/a,b", "/devices/lamp-1%26", "/devices/lamp=1",
            "/cmds/a%20b/resp", "/devices/lamp-1/datastreams/te*mp", "/devices/{device}", "/devices/%7Bdevice%7D"})
    void refusesAPathWithAnInvalidId(String target) {
        assertThat(refused(DEVICES, "GET", target).denied()).isEqualTo(new AccessDecision.Denied(
                DenyReason.REQUEST_AMBIGUOUS, "The path does not contain an ID of 1 to 128 characters of "
                        + "A-Z a-z 0-9 . _ : ~ - where one is required."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"devIds", "devIds=", "devIds=,", "devIds=lamp-1,", "devIds=,lamp-1",
            "devIds=lamp-1,,lamp-2",
            "devIds=lamp-1%2C", "devIds=lamp-1&devIds=", "devIds=lamp-1&devIds", "devIds=lamp+1", "devIds=lamp%201",
            "devIds=%20lamp-1", "devIds=lamp-1%3Blamp-2", "devIds=lamp-1;lamp-2", "devIds=lamp-1|lamp-2", "devIds=..",
            "devIds=%5B%22lamp-1%22%5D", "devIds=l%25%36%31mp", "devIds=*"})
    void refusesAParameterThatDoesNotHoldIdsOnly(String query) {
        assertThat(refused(DEVICES, "GET", "/devices/status?" + query).denied()).isEqualTo(new AccessDecision.Denied(
                DenyReason.REQUEST_AMBIGUOUS, "The parameter devIds does not contain an ID of 1 to 128 characters of "
                        + "A-Z a-z 0-9 . _ : ~ - where one is required."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"devIds=l%C3%A4mp", "devIds=%0alamp-1", "devIds=\u00e4"})
    void refusesANonAsciiParameter(String query) {
        assertThat(refused(DEVICES, "GET", "/devices/status?" + query).denied()).isEqualTo(new AccessDecision.Denied(
                DenyReason.REQUEST_AMBIGUOUS, "The parameter devIds does not contain IDs."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Datastream_id=hum", "DATASTREAM_ID=hum", "datastream_iD=hum", "datastream_id[]=hum",
            "datastream_id[0]=hum", "datastream_id%5B%5D=hum", "datastream_id[a][b]=hum", "datastream.id=hum",
            "datastream%2Eid=hum", "datastream%20id=hum", "datastream+id=hum", "datastream[id=hum", "datastream-id=hum",
            "%20datastream_id=hum", "+datastream_id=hum", "datastream_id%20=hum", "datastream_id+=hum",
            "datastream_id=temp&Datastream_id=hum", "%20Datastream.id[]=hum", "datastreamId=hum", "DatastreamID=hum",
            "datastreamid=hum", "data_stream_id=hum", "data-streamId=hum", "_datastream_id=hum", "datastream_id_=hum",
            "?datastream_id=hum", "datastream_id.0=hum", "datastream_id=temp&datastreamId=hum"})
    void refusesAParameterThatSomeServersTakeForAnother(String query) {
        assertThat(refused(DEVICES, "GET", "/devices/lamp-1/datapoints?" + query).denied())
                .isEqualTo(new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                        "The query contains another spelling of the parameter datastream_id."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Type=3", "type[]=3", "%20type=3", "TYPE=3&type=3"})
    void refusesAnotherSpellingOfTheParameterThatSaysHowTheBodyIsRead(String query) {
        assertThat(refused(DEVICES, "POST", "/devices/lamp-1/datapoints?" + query).denied())
                .isEqualTo(new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                        "The query contains another spelling of the parameter type."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"datastream=hum", "datastream_ids=hum", "stream_id=hum",
            "xdatastream_id=hum", "a=datastream_id", "a[datastream_id]=hum", "datastream_idx=hum", "data=hum",
            "method=post"})
    void leavesOtherParametersAlone(String query) {
        Reading.Read read = read(DEVICES, "GET", "/devices/lamp-1/datapoints?" + query);

        assertThat(read.request().streams()).isEqualTo(new Streams.WholeDevice());
    }

    @ParameterizedTest
    @ValueSource(strings = {"_method=DELETE", "_METHOD=delete", "%5fmethod=PUT", "X-HTTP-Method-Override=PUT",
            "x-http-method=PUT", "X-Method-Override=PUT", "_method[]=PUT", "%20_method=PUT",
            ".method=PUT"})
    void refusesAQueryThatOverridesTheMethod(String query) {
        assertThat(refused(DEVICES, "GET", "/devices/lamp-1/datapoints?" + query).denied())
                .isEqualTo(new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                        "The query overrides the method."));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /cmds?device_id=1             | application/x-www-form-urlencoded                | true
            POST   | /cmds?device_id=1             | Application/X-WWW-Form-Urlencoded;charset=utf-8  | true
            POST   | /cmds?device_id=1             | application/json                                 | true
            POST   | /cmds?device_id=1             | application/vnd.x+json                           | true
            POST   | /cmds?device_id=1             | multipart/form-data; boundary=x                  | true
            POST   | /cmds?device_id=1             | text/plain                                       | false
            POST   | /cmds?device_id=1             | application/octet-stream                         | false
            POST   | /devices/1/datapoints         | application/json                                 | true
            DELETE | /devices/1/datapoints         | application/json                                 | true
            GET    | /devices/1/datapoints         | application/json                                 | false
            HEAD   | /devices/1/datapoints         | application/json                                 | false
            PUT    | /devices/1                    | application/json                                 | false
            """)
    void saysThatTheBodyMayRepeatIdsOfTheQuery(String method, String target, String contentType, boolean unchecked) {
        assertThat(read(DEVICES, method, target, Map.of("Content-Type", List.of(contentType))).request()
                .bodyUnchecked()).isEqualTo(unchecked);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text/plain                             | OPAQUE
            application/octet-stream; x="a,b"      | OPAQUE
            application/json;charset=utf-8         | JSON
            text/plain; x=json                     | JSON
            APPLICATION/X-WWW-FORM-URLENCODED      | FORM
            ''                                     | FORM
            nonsense                               | FORM
            MULTIPART/mixed                        | MULTIPART
            multipart /form-data                   | MULTIPART
            text/plain, image/png                  | UNCLEAR
            """)
    void seesNamesInABodyOfEachType(String contentType, BodyKind kind) {
        assertThat(BodyKind.of(List.of(contentType))).isEqualTo(kind);
    }

    @Test
    void treatsABodyWithoutATypeAsAForm() {
        assertThat(BodyKind.of(List.of())).isEqualTo(BodyKind.FORM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"device_id=a&deviceId=b", "deviceId=b&device_id=a"})
    void distinguishesNamesThatTheCatalogueDistinguishes(String query) {
        Catalog catalog = catalog(
                operation("GET /search", List.of("query:device_id", "query:deviceId"), List.of()));

        assertThat(read(catalog, "GET", "/search?" + query).request().devices()).extracting(DeviceId::value)
                .containsExactlyInAnyOrder("a", "b");
        assertThat(refused(catalog, "GET", "/search?" + query + "&DeviceId=c").denied().reason())
                .isEqualTo(DenyReason.REQUEST_AMBIGUOUS);
    }

    @Test
    void refusesTheTwinOfAHeaderWithAnUnderscore() {
        Catalog catalog = catalog(operation("GET /search", List.of("header:X_Device"), List.of()));

        assertThat(read(catalog, "GET", "/search", Map.of("X_Device", List.of("a"))).idHeaders())
                .isEqualTo(Map.of("X_Device", "a"));
        for (Map<String, List<String>> headers : List.of(Map.of("X-Device", List.of("b")),
                Map.of("X-Device", List.of("b"), "X_Device", List.of("a")))) {
            assertThat(refused(catalog, "GET", "/search", headers).denied())
                    .isEqualTo(new AccessDecision.Denied(DenyReason.REQUEST_AMBIGUOUS,
                            "The request contains another spelling of the header X_Device."));
        }
    }

    @Test
    void refusesAnAmbiguousTargetWithItsReason() {
        assertThat(refused(DEVICES, "GET", "/devices/..")).isEqualTo(Reading.Refused
                .because(DenyReason.REQUEST_AMBIGUOUS, "The path contains a dot segment."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/device", "/Devices", "/devices/lamp-1/datastreams", "/devices/lamp-1/x",
            "/devices/lamp-1/datastreams/temp/x", "/cmds/5", "/bindata"})
    void findsNoOperationAtAnotherPath(String target) {
        assertThat(refused(DEVICES, "GET", target)).isEqualTo(Reading.Refused
                .because(DenyReason.OPERATION_UNKNOWN, "No API has an operation at this path."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"})
    void namesTheMethodsOfAPath(String method) {
        assertThat(refused(DEVICES, method, "/devices/lamp-1")).isEqualTo(new Reading.Refused(
                new AccessDecision.Denied(DenyReason.METHOD_UNKNOWN, "This path supports DELETE, GET, HEAD, PUT."),
                Set.of("DELETE", "GET", "HEAD", "PUT")));
    }

    @Test
    void namesTheMethodsOfAllOperationsAtAPath() {
        assertThat(refused(DEVICES, "PUT", "/devices/lamp-1/datapoints").allowed())
                .isEqualTo(Set.of("DELETE", "GET", "HEAD", "POST"));
    }

    @Test
    void treatsHeadLikeGetOnly() {
        assertThat(refused(DEVICES, "HEAD", "/cmds").allowed()).isEqualTo(Set.of("POST"));
    }

    @Test
    void prefersALiteralToAVariable() {
        assertThat(read(DEVICES, "GET", "/devices/status").request().devices()).isEmpty();
        assertThat(read(DEVICES, "GET", "/devices/%73tatus").request().devices()).isEmpty();
    }

    @Test
    void neverBacktracksFromALiteralToAVariable() {
        assertThat(refused(DEVICES, "DELETE", "/devices/status"))
                .isEqualTo(new Reading.Refused(new AccessDecision.Denied(DenyReason.METHOD_UNKNOWN,
                        "This path supports GET, HEAD."), Set.of("GET", "HEAD")));
        assertThat(refused(DEVICES, "GET", "/devices/status/datapoints").denied().reason())
                .isEqualTo(DenyReason.OPERATION_UNKNOWN);
    }

    @Test
    void distinguishesOperationsOfOnePathByMethod() {
        Catalog catalog = Catalog.compile(apis(Map.entry("reading", api(operation("GET /devices/{device}"))),
                Map.entry("writing", api(operation("PUT /devices/{thing}")))));

        assertThat(read(catalog, "GET", "/devices/lamp-1").request().api()).isEqualTo(new ApiId("reading"));
        assertThat(read(catalog, "GET", "/devices/lamp-1").request().devices())
                .containsExactly(new DeviceId("lamp-1"));
        assertThat(read(catalog, "PUT", "/devices/lamp-1").request().api()).isEqualTo(new ApiId("writing"));
        assertThat(read(catalog, "PUT", "/devices/lamp-1").request().devices()).isEmpty();
    }

    @Test
    void listsItsApisInTheOrderOfTheConfiguration() {
        ApiDefinition lamps = new ApiDefinition("Lamps", "http://127.0.0.1:9000/", List.of(operation("GET /lamps")),
                List.of(), null, null);
        ApiDefinition fans = api(operation(" GET,PUT   /fans/{device} "), operation("POST /fans"));
        Catalog catalog = Catalog.compile(apis(Map.entry("lamps", lamps), Map.entry("fans", fans)));

        assertThat(catalog.apis()).containsExactly(
                new Catalog.Api(new ApiId("lamps"), "Lamps",
                        Optional.of(BackendAddress.parse("test", "http://127.0.0.1:9000")), List.of("GET /lamps"),
                        lamps),
                new Catalog.Api(new ApiId("fans"), "fans", Optional.empty(),
                        List.of("GET /fans/{device}", "PUT /fans/{device}", "POST /fans"), fans));
    }

    @Test
    void listsCallsByMethodAsWritten() {
        assertThat(DEVICES.apis().getFirst().operations()).startsWith("GET /devices", "POST /devices",
                "GET /devices/{device}", "PUT /devices/{device}", "DELETE /devices/{device}")
                .contains("GET /bindata/{device:digits}_{index}").noneMatch(text -> text.startsWith("HEAD"));
    }

    @Test
    void knowsItsApis() {
        assertThat(DEVICES.has(new ApiId("test"))).isTrue();
        assertThat(DEVICES.has(new ApiId("Test"))).isFalse();
    }

    @Test
    void mayBeEmpty() {
        Catalog empty = Catalog.compile(Map.of());

        assertThat(empty.apis()).isEmpty();
        assertThat(refused(empty, "GET", "/").denied().reason()).isEqualTo(DenyReason.OPERATION_UNKNOWN);
    }
}
