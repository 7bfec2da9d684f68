package dev.postern.catalog;

import static dev.postern.catalog.TestCalls.api;
import static dev.postern.catalog.TestCalls.apis;
import static dev.postern.catalog.TestCalls.operation;
import static dev.postern.catalog.TestCalls.registering;
import static dev.postern.catalog.TestCalls.removing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.postern.catalog.ApiDefinition.OperationDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogCompilerTest {
    private static final String BACKEND = "a backend address must be http(s)://host[:port] only; use the filter"
            + " PrefixPath to add a path prefix";

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "my devices", "devices/1", "..", "é"})
    void refusesAnIdWithOtherCharacters(String id) {
        assertRefused(Map.of(id, api(operation("GET /devices"))),
                "postern.apis." + id + ": the ID of an API must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
    }

    @Test
    void refusesAnApiWithoutOperations() {
        assertRefused(Map.of("devices", api()),
                "postern.apis.devices.operations: an API needs at least one operation");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET", "/devices", "GET /devices /keys", "GET, PUT /devices", "GET,PUT"})
    void refusesAMalformedCall(String call) {
        assertRefused(Map.of("devices", api(operation("GET /ok"), operation(call))),
                "postern.apis.devices.operations[1].call: '" + call
                        + "' does not have the form 'GET,PUT /path/{device}'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            get /devices          | get
            OPTIONS /devices      | OPTIONS
            GET,TRACE /devices    | TRACE
            GET, /devices         | ''
            ,GET /devices         | ''
            GET;PUT /devices      | GET;PUT
            ANY /devices          | ANY
            """)
    void refusesAnUnknownMethod(String call, String method) {
        assertRefused(Map.of("devices", api(operation(call))), "postern.apis.devices.operations[0].call: '" + method
                + "' is not one of the methods GET, HEAD, POST, PUT, PATCH, DELETE");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            devices            | the path template 'devices' does not start with a slash
            {device}           | the path template '{device}' does not start with a slash
            /                  | the path segment '' of '/' is not a name, {variable} or \
            {variable:digits}_{rest}
            /devices/          | the path segment '' of '/devices/' is not a name, {variable} or \
            {variable:digits}_{rest}
            //devices          | the path segment '' of '//devices' is not a name, {variable} or \
            {variable:digits}_{rest}
            /devices/..        | the path segment '..' of '/devices/..' is not a name, {variable} or \
            {variable:digits}_{rest}
            /devices/**        | the path segment '**' of '/devices/**' is not a name, {variable} or \
            {variable:digits}_{rest}
            /d/{Device}        | the path segment '{Device}' of '/d/{Device}' is not a name, {variable} or \
            {variable:digits}_{rest}
            /d/x{device}       | the path segment 'x{device}' of '/d/x{device}' is not a name, {variable} or \
            {variable:digits}_{rest}
            /d/{device:digits} | the path segment '{device:digits}' of '/d/{device:digits}' is not a name, \
            {variable} or {variable:digits}_{rest}
            /d?x=1             | the path segment 'd?x=1' of '/d?x=1' is not a name, {variable} or \
            {variable:digits}_{rest}
            /{device}/{device} | the path template '/{device}/{device}' contains a variable twice
            """)
    void refusesAPathThatIsNoTemplate(String path, String why) {
        assertRefused(Map.of("devices", api(operation("GET " + path))),
                "postern.apis.devices.operations[0].call: " + why);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            devIds              | is not one of query:<name>, header:<name>, body:<json path>, \
            body:onenet-datapoints
            cookie:device       | is not one of query:<name>, header:<name>, body:<json path>, \
            body:onenet-datapoints
            Query:devIds        | is not one of query:<name>, header:<name>, body:<json path>, \
            body:onenet-datapoints
            ''                  | is not one of query:<name>, header:<name>, body:<json path>, body:onenet-datapoints
            query               | needs a name of letters, digits, _ and -
            query:              | needs a name of letters, digits, _ and -
            query:dev ids       | needs a name of letters, digits, _ and -
            query:devIds[]      | needs a name of letters, digits, _ and -
            query:dev.ids       | needs a name of letters, digits, _ and -
            header:             | needs a name of letters, digits, _ and -
            header:X Device     | needs a name of letters, digits, _ and -
            body:               | is not a path such as body:datastreams[].id
            body                | is not a path such as body:datastreams[].id
            body:$.id           | is not a path such as body:datastreams[].id
            body:a..b           | is not a path such as body:datastreams[].id
            body:a[0].b         | is not a path such as body:datastreams[].id
            body:.a             | is not a path such as body:datastreams[].id
            """)
    void refusesAPlaceOfIdsThatItDoesNotKnow(String source, String why) {
        assertRefused(Map.of("devices", api(operation("GET /devices", List.of("query:ok", source), List.of()))),
                "postern.apis.devices.operations[0].devices: '" + source + "' " + why);
        assertRefused(Map.of("devices", api(operation("GET /devices", List.of(), List.of(source)))),
                "postern.apis.devices.operations[0].streams: '" + source + "' " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"query:devIds", " header:X-Device ", "body:onenet-datapoints", "body:id",
            "body:datastreams[].id", "body:a.b[].c-d.e_f[]"})
    void acceptsEveryDocumentedPlaceOfIds(String source) {
        assertThatNoException().isThrownBy(() -> Catalog
                .compile(Map.of("devices", api(operation("POST /devices", List.of(source), List.of(source))))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /devices/{device}       | GET /devices/{device}        | GET     | GET,HEAD /devices/{device}
            GET /devices/{device}       | PUT,GET /devices/{other}     | GET     | GET,HEAD /devices/{device}
            GET /devices                | HEAD /devices                | HEAD    | GET,HEAD /devices
            POST,PUT /a/{x}/b           | DELETE,PUT /a/{y}/b          | PUT     | POST,PUT /a/{x}/b
            GET /b/{device:digits}_{i}  | GET /b/{stream:digits}_{j}   | GET     | GET,HEAD /b/{device:digits}_{rest}
            """)
    void refusesAnOperationThatIsThereAlready(String first, String second, String method, String present) {
        String path = PathTemplate.parse("test", second.substring(second.indexOf('/'))).toString();

        assertRefused(apis(Map.entry("one", api(operation(first))), Map.entry("two", api(operation(second)))),
                "postern.apis.two.operations[0]: '" + method + " " + path
                        + "' already is an operation of the API one, as '" + present + "'");
    }

    @Test
    void refusesADuplicateOperation() {
        assertRefused(Map.of("one", api(operation("GET /a"), operation("POST /a"), operation("GET /a"))),
                "postern.apis.one.operations[2]: 'GET /a' already is an operation of the API one, as 'GET,HEAD /a'");
    }

    @Test
    void refusesConflictingVariablesInOnePlace() {
        assertRefused(
                Map.of("bindata", api(operation("GET /bindata/{device:digits}_{index}"),
                        operation("DELETE /bindata/{index}"))),
                "postern.apis.bindata.operations[1]: this path has {variable} where another one has {variable:digits}_{rest}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9000", "ftp://backend", "http://", "http://backend/api", "http://backend?x=1",
            "http://backend#x", "http://user:s3cret@backend", "http://back end", "HTTP://backend", "//backend",
            "http://backend:port", "mailto:a@b"})
    void refusesAMalformedBackend(String backend) {
        assertRefused(
                Map.of("devices",
                        new ApiDefinition(null, backend, List.of(operation("GET /devices")), List.of(), null, null)),
                "postern.apis.devices.backend: " + BACKEND);
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:9000, http://127.0.0.1:9000", "https://backend, https://backend",
            "' http://backend:80/ ', http://backend:80", "http://[::1]:9000, http://[::1]:9000"})
    void acceptsABackendOfSchemeHostAndPort(String backend, String address) {
        assertThat(BackendAddress.parse("postern.backend", backend)).hasToString(address);
    }

    @Test
    void treatsABlankBackendAsMissing() {
        Catalog catalog = Catalog.compile(Map.of("devices",
                new ApiDefinition(null, " ", List.of(operation("GET /devices")), List.of(), null, null)));

        assertThat(catalog.apis()).singleElement()
                .satisfies(api -> assertThat(api.backend()).isEmpty());
    }

    @Test
    void acceptsTheSameLiteralAtDifferentDepths() {
        assertThatNoException().isThrownBy(() -> TestCalls.catalog(operation("GET /a"), operation("GET /a/a"),
                operation("GET /a/{x}/a"), operation("GET /{x}")));
    }

    private static void assertRefused(Map<String, ApiDefinition> definitions, String message) {
        assertThatExceptionOfType(CatalogException.class).isThrownBy(() -> Catalog.compile(definitions))
                .withMessage(message);
    }

    @Test
    void refusesIdsInABodyThatIsNotForwarded() {
        for (String methods : List.of("GET", "HEAD", "POST,GET")) {
            OperationDefinition devices = new OperationDefinition(methods + " /search", List.of("body:ids[]"),
                    List.of(), null, null, false);
            OperationDefinition streams = new OperationDefinition(methods + " /search/{device}", List.of(),
                    List.of("body:onenet-datapoints"), null, null, false);
            for (OperationDefinition operation : List.of(devices, streams)) {
                assertRefused(Map.of("search", api(operation)),
                        "postern.apis.search.operations[0]: IDs cannot be in the body of a GET, which is not forwarded");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                             | is not a path such as body:data.device_id
            data.device_id                 | is not a path such as body:data.device_id
            body:                          | is not a path such as body:data.device_id
            body:$.data                    | is not a path such as body:data.device_id
            body:a..b                      | is not a path such as body:data.device_id
            body:a[0]                      | is not a path such as body:data.device_id
            query:device_id                | is not a path such as body:data.device_id
            header:Location                | is not a path such as body:data.device_id
            body:onenet-datapoints         | is not a path such as body:data.device_id
            body:data.devices[].device_id  | contains a list, but a reply contains one device
            body:ids[]                     | contains a list, but a reply contains one device
            """)
    void refusesAPlaceInTheReplyThatNamesNoSingleDevice(String path, String why) {
        assertRefused(Map.of("devices", api(operation("GET /ok"), registering("POST /devices", path))),
                "postern.apis.devices.operations[1].registers: '" + path + "' " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"body:id", " body:data.device_id ", "body:a.b-c.d_e"})
    void acceptsEveryDocumentedPlaceInTheReply(String path) {
        assertThatNoException()
                .isThrownBy(
                        () -> TestCalls.catalog(registering("GET,POST /devices", path), removing("DELETE /{device}"),
                                removing("POST,DELETE /{device}/gone"), removing("DELETE /d/{device:digits}_{rest}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "GET,HEAD"})
    void refusesARegistrationByAReadOnlyCall(String methods) {
        assertRefused(Map.of("devices", api(registering(methods + " /devices", "body:id"))),
                "postern.apis.devices.operations[0].registers: GET and HEAD cannot register devices");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET,PUT,DELETE | GET
            DELETE,PUT     | PUT
            PATCH          | PATCH
            DELETE,HEAD    | HEAD
            """)
    void refusesMethodsThatRemoveNothing(String methods, String method) {
        assertRefused(Map.of("devices", api(removing(methods + " /devices/{device}"))),
                "postern.apis.devices.operations[0].removes: " + method
                        + " cannot remove devices; define a separate operation with DELETE or POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices", "/devices/{id}", "/devices/{stream}", "/devices/device"})
    void refusesARemovalWithoutADeviceInThePath(String path) {
        assertRefused(Map.of("devices", api(removing("DELETE " + path))),
                "postern.apis.devices.operations[0].removes: the device to be removed must be in the path, as"
                        + " {device}");
    }

    @Test
    void refusesAnOperationThatBothRegistersAndRemoves() {
        OperationDefinition both = new OperationDefinition("POST /devices/{device}", List.of(), List.of(), null,
                "body:id", true);

        assertRefused(Map.of("devices", api(both)),
                "postern.apis.devices.operations[0].removes: an operation cannot both register and remove devices");
    }

    /** If the setting is left out, binding makes an operation whose call is null. */
    @Test
    void refusesAnOperationWithoutCall() {
        assertRefused(Map.of("devices", api(withoutCall())),
                "postern.apis.devices.operations[0].call: an operation needs methods and a path");
    }

    @SuppressWarnings("NullAway")
    private static OperationDefinition withoutCall() {
        return new OperationDefinition(null, List.of(), List.of(), null, null, false);
    }
}
