package dev.postern.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestApplication;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /.well-known/oauth-authorization-server}, as RFC 8414 specifies it. */
@UsesSharedGate
class OAuthMetadataTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String PATH = "/.well-known/oauth-authorization-server";

    private static Reply read(TestGate gate, String method, String target, String... headers) {
        return RawHttp.call(gate.port(), method, target, "", headers);
    }

    @Test
    void namesTheEndpoints() {
        String address = "http://127.0.0.1:" + GATE.port();
        Reply reply = read(GATE, "GET", PATH, "Host: 127.0.0.1:" + GATE.port());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.text()).isEqualTo(("{'issuer':'A','token_endpoint':'A/oauth/token',"
                + "'token_endpoint_auth_methods_supported':['client_secret_basic','client_secret_post'],"
                + "'grant_types_supported':['client_credentials'],'response_types_supported':[],"
                + "'revocation_endpoint':'A/oauth/revoke',"
                + "'revocation_endpoint_auth_methods_supported':['client_secret_basic','client_secret_post'],"
                + "'introspection_endpoint':'A/oauth/introspect',"
                + "'introspection_endpoint_auth_methods_supported':['client_secret_basic','client_secret_post']}")
                .replace('\'', '"').replace("A/", address + "/").replace("\"A\"", "\"" + address + "\""));
        TestApplication application = TestApplication.software(GATE);
        JsonNode json = reply.json();
        for (String call : new String[]{"token", "revocation", "introspection"}) {
            URI endpoint = URI.create(json.required(call + "_endpoint").stringValue());
            assertThat(RawHttp.call(endpoint.getPort(), "POST", endpoint.getPath(),
                    "grant_type=client_credentials&token=x", application.basic(),
                    "Content-Type: application/x-www-form-urlencoded").status()).as(call).isEqualTo(200);
        }
    }

    @Test
    void namesTheHostThatTheClientCalled() {
        Reply reply = read(GATE, "GET", PATH, "Host: gate.example.com");

        assertThat(reply.json().required("issuer").stringValue()).isEqualTo("http://gate.example.com");
        assertThat(read(GATE, "GET", PATH, "Host: [::1]:8080").json().required("token_endpoint").stringValue())
                .isEqualTo("http://[::1]:8080/oauth/token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded: proto=https;host=evil.example", "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.1", "x-forwarded-port: 443"})
    void isMissingBehindAProxyUnlessTheAddressIsSet(String header) {
        Reply reply = read(GATE, "GET", PATH, header);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().required("error_description").stringValue()).contains("postern.oauth.issuer");
        assertThat(reply.text()).doesNotContain("evil");
    }

    @ParameterizedTest
    @CsvSource({"POST", "PUT", "DELETE", "OPTIONS"})
    void isReadOnly(String method) {
        Reply reply = read(GATE, method, PATH);

        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void answersHeadWithoutABody() {
        Reply reply = read(GATE, "HEAD", PATH);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH + "/gate", "/.well-known", "/.well-known/openid-configuration", "/x" + PATH,
            "/.Well-Known/oauth-authorization-server"})
    void passesOtherPathsToTheCatalogue(String target) {
        assertThat(read(GATE, "GET", target).reason()).isEqualTo("operation_unknown");
    }

    @Test
    void prefersTheConfiguredAddressToTheRequest() {
        try (TestGate gate = TestGate.start("postern.backend=" + SharedGate.BACKEND.address(),
                "postern.oauth.issuer=https://api.example.com/gate")) {
            for (String target : new String[]{PATH, PATH + "/gate"}) {
                JsonNode json = read(gate, "GET", target, "Host: evil.example", "X-Forwarded-Host: evil.example")
                        .json();
                assertThat(json.required("issuer").stringValue()).isEqualTo("https://api.example.com/gate");
                assertThat(json.required("token_endpoint").stringValue())
                        .isEqualTo("https://api.example.com/gate/oauth/token");
                assertThat(json.toString()).doesNotContain("evil");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate.example.com", "https://", "ftp://gate.example.com", "https://gate.example.com/",
            "https://gate.example.com?x", "https://gate.example.com#x", "https://user@gate.example.com", "a b"})
    void refusesToStartWithAMalformedAddress(String issuer) {
        assertThatThrownBy(() -> TestGate.start("postern.oauth.issuer=" + issuer))
                .hasStackTraceContaining("postern.oauth.issuer must be an address");
    }
}
