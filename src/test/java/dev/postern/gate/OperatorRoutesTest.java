package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RecordingBackend;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gate as an operator might set it up: behind a proxy, with filters of Spring Cloud Gateway and with routes in its
 * notation.
 */
@OwnsItsGate
class OperatorRoutesTest {
    private static final RecordingBackend BACKEND = new RecordingBackend();
    private static final RecordingBackend OTHER = new RecordingBackend();
    /** If the gate wrote this value as it is, it would become another header and another request. */
    private static final String SPLIT = "a\r\nX-Forged: 1\r\n\r\nGET /devices/victim HTTP/1.1\r\nHost: h";
    /** Accepts connections, and never answers. */
    private static final ServerSocket SILENT = silent();
    private static final TestGate GATE = TestGate.start("postern.backend=" + BACKEND.address(),
            "postern.forwarding.trusted-proxies=10.0.0.0/8,127.0.0.0/8",
            "postern.apis.filtered.operations[0].call=GET,DELETE /filtered/{device}",
            "postern.apis.filtered.filters[0]=AddRequestHeader=Authorization, Basic b3BlcmF0b3I6",
            "postern.apis.filtered.filters[1].name=PrefixPath",
            "postern.apis.filtered.filters[1].args.prefix=/v2",
            "postern.apis.repeated.operations[0].call=GET /repeated/{device}",
            "postern.apis.repeated.filters[0].name=Retry",
            "postern.apis.repeated.filters[0].args.retries=2",
            "postern.apis.repeated.filters[0].args.statuses=OK",
            "postern.apis.split.operations[0].call=GET /split/{device}",
            "postern.apis.split.filters[0].name=AddRequestHeader",
            "postern.apis.split.filters[0].args.name=X-Note",
            "postern.apis.split.filters[0].args.value=" + SPLIT,
            "postern.apis.longer.operations[0].call=POST /longer/{device}",
            "postern.apis.longer.filters[0].name=SetRequestHeader",
            "postern.apis.longer.filters[0].args.name=Content-Length",
            "postern.apis.longer.filters[0].args.value=3",
            "postern.apis.unsized.operations[0].call=POST /unsized/{device}",
            "postern.apis.unsized.filters[0]=RemoveRequestHeader=Content-Length",
            "spring.cloud.gateway.server.webflux.routes[1].id=silent",
            "spring.cloud.gateway.server.webflux.routes[1].uri=http://127.0.0.1:" + SILENT.getLocalPort(),
            "spring.cloud.gateway.server.webflux.routes[1].predicates[0]=Path=/silent",
            "spring.cloud.gateway.server.webflux.routes[1].metadata.response-timeout=200",
            "spring.cloud.gateway.server.webflux.routes[0].id=reports",
            "spring.cloud.gateway.server.webflux.routes[0].uri=" + OTHER.address(),
            "spring.cloud.gateway.server.webflux.routes[0].predicates[0]=Path=/reports/**");
    private static String master = "";
    private static String key = "";

    private static ServerSocket silent() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @BeforeAll
    static void makeKeys() {
        Customer customer = GATE.newCustomer();
        master = customer.masterKey();
        key = customer.newKey("[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"lamp\"}]}]");
    }

    @BeforeEach
    void forget() {
        BACKEND.forget();
        OTHER.forget();
    }

    @AfterAll
    static void close() throws IOException {
        GATE.close();
        SILENT.close();
        BACKEND.close();
        OTHER.close();
    }

    @Test
    void runsTheFiltersOfAnApiAfterTheCheck() {
        assertThat(GATE.call(key, "GET", "/filtered/lamp?a=1").status()).isEqualTo(200);
        assertThat(BACKEND.single().target()).isEqualTo("/v2/filtered/lamp?a=1");
        assertThat(BACKEND.single().header("Authorization")).as("the operator's, not the client's")
                .isEqualTo("Basic b3BlcmF0b3I6");

        BACKEND.forget();
        assertThat(GATE.call(key, "GET", "/filtered/door").reason()).isEqualTo("device_not_permitted");
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void repeatsACallIfAFilterSaysSo() {
        assertThat(GATE.call(master, "GET", "/repeated/lamp").status()).isEqualTo(200);
        assertThat(BACKEND.received()).hasSize(3);
    }

    @Test
    void sendsNothingIfAFilterSplitsAHeader() {
        assertThat(GATE.call(master, "GET", "/split/lamp").reason()).isEqualTo("internal_error");
        assertThat(BACKEND.received()).isEmpty();
    }

    @Test
    void sendsNoBodyThatIsLongerThanAFilterSays() {
        assertThat(GATE.call(master, "POST", "/longer/lamp", "abcGET /devices/victim HTTP/1.1").reason())
                .isEqualTo("internal_error");
        assertThat(GATE.call(master, "POST", "/longer/lamp", "ab").reason()).isEqualTo("internal_error");
        assertThat(GATE.call(master, "POST", "/longer/lamp", "abc").status()).isEqualTo(200);
        assertThat(BACKEND.single().body()).asString().isEqualTo("abc");
    }

    @Test
    void sendsABodyInChunksIfAFilterRemovesItsLength() {
        assertThat(GATE.call(master, "POST", "/unsized/lamp", "abc").status()).isEqualTo(200);
        assertThat(BACKEND.single().body()).asString().isEqualTo("abc");
        assertThat(BACKEND.single().header("Transfer-Encoding")).isEqualTo("chunked");
    }

    @Test
    void endsACallAfterTheTimeoutOfItsRoute() {
        assertThat(GATE.call(master, "GET", "/silent").reason()).isEqualTo("backend_timeout");
    }

    @Test
    void letsWholeAccountsUseAPlainRoute() {
        assertThat(GATE.call(master, "GET", "/reports/2026/?x=a%20b").status()).isEqualTo(200);
        assertThat(OTHER.single().target()).isEqualTo("/reports/2026/?x=a%20b");
        assertThat(OTHER.single().header("api-key")).isEmpty();
        assertThat(OTHER.single().header("X-Postern-Account")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/reports/2026", "/reports"})
    void refusesAPlainRouteToKeysOfDevices(String target) {
        assertThat(GATE.call(key, "GET", target).reason()).isEqualTo("account_scope_required");
        assertThat(GATE.call("unknown", "GET", target).reason()).isEqualTo("credential_invalid");
        assertThat(RawHttp.call(GATE.port(), "GET", target, "").reason()).isEqualTo("credential_missing");
        assertThat(OTHER.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/reports/..%2fadmin", "/reports/%2e%2e/admin", "/reports/a;b", "/reports/a%5cb",
            "/reports/%252e"})
    void refusesAmbiguousTargetsOnAPlainRouteToo(String target) {
        assertThat(GATE.call(master, "GET", target).reason()).isEqualTo("request_ambiguous");
        assertThat(OTHER.received()).isEmpty();
    }

    @Test
    void trustsTheProxyInFrontOfIt() {
        RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "api-key: " + key, "X-Forwarded-For: 6.6.6.6",
                "X-Forwarded-Proto: https", "X-Forwarded-Host: api.test");

        assertThat(BACKEND.single().header("X-Forwarded-For")).isEqualTo("6.6.6.6, 127.0.0.1");
        assertThat(BACKEND.single().header("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(BACKEND.single().header("X-Forwarded-Host")).isEqualTo("api.test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://my_backend:8080", "HTTPS://my_backend", "ws://-"})
    void aRouteWithoutAValidHostNamePreventsTheStart(String uri) {
        String route = "spring.cloud.gateway.server.webflux.routes[0].";
        assertThatThrownBy(() -> TestGate.start("postern.backend=http://127.0.0.1:1", route + "id=own",
                route + "uri=" + uri, route + "predicates[0]=Path=/own"))
                .rootCause().hasMessageContaining("route own has no valid host name");
    }
}
