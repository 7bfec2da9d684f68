package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.postern.support.BothLanes;
import dev.postern.support.ClientTokens;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The life of a credential of each kind, over real sockets: it is made, a call with it is allowed, calls beyond what it
 * may do are refused and reach no backend, and once it is changed or ended the very next call is refused.
 */
@BothLanes
@UsesSharedGate
class CredentialKindsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String READ_LAMP = "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":[\"lamp\"]}]";

    private final Customer customer = GATE.newCustomer();

    @BeforeEach
    void forget() {
        SharedGate.BACKEND.forget();
    }

    @Test
    void staticToken() {
        JsonNode made = create("/static-tokens", "{\"name\":" + name() + ",\"rules\":" + READ_LAMP + "}");
        String token = made.required("token").stringValue();

        assertAllowed(token, "GET", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "DELETE", "/devices/lamp", "action_not_permitted");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");

        assertChanges(made, "/static-tokens", "\"rules\":" + READ_LAMP.replace("lamp", "fan"), token,
                "device_not_permitted");
        assertChanges(made, "/static-tokens", "\"rules\":" + READ_LAMP, token, "");
        assertChanges(made, "/static-tokens", "\"enabled\":false,\"rules\":" + READ_LAMP, token, "credential_invalid");
        assertChanges(made, "/static-tokens", "\"rules\":" + READ_LAMP, token, "");
        delete("/static-tokens/" + id(made));
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
    }

    @Test
    void staticTokenChosenByTheOperator() {
        String chosen = "API_" + customer.account();
        JsonNode made = create("/static-tokens", "{\"name\":" + name() + ",\"token\":\"" + chosen + "\"}");

        assertThat(made.required("warning").stringValue()).contains("16");
        assertAllowed(chosen, "GET", "/devices");
        // Some clients with such a token leave out the word Bearer.
        assertThat(RawHttp.call(GATE.port(), "GET", "/devices", "", "Authorization: " + chosen).status())
                .isEqualTo(200);
        delete("/static-tokens/" + id(made));
        assertRefused(chosen, "GET", "/devices", "credential_invalid");
    }

    @Test
    void application() {
        JsonNode made = create("/applications", "{\"name\":\"a\",\"kind\":\"software\",\"rules\":" + READ_LAMP + "}");
        String token = accessToken(made, "");
        String other = accessToken(made, "");

        assertAllowed(token, "GET", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "PUT", "/devices/lamp", "action_not_permitted");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");

        assertThat(RawHttp.call(GATE.port(), "POST", "/oauth/revoke", "token=" + encoded(token), basic(made),
                "Content-Type: application/x-www-form-urlencoded").status()).isEqualTo(200);
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
        assertAllowed(other, "GET", "/devices/lamp");

        assertChanges(made, "/applications", "\"rules\":" + READ_LAMP.replace("lamp", "fan"), other,
                "device_not_permitted");
        assertChanges(made, "/applications", "\"enabled\":false,\"rules\":" + READ_LAMP, other, "credential_invalid");
        assertChanges(made, "/applications", "\"rules\":" + READ_LAMP, other, "");
        delete("/applications/" + id(made));
        assertRefused(other, "GET", "/devices/lamp", "credential_invalid");
    }

    @Test
    void terminal() {
        JsonNode made = create("/applications", "{\"name\":\"a\",\"kind\":\"hardware\",\"rules\":"
                + "[{\"apis\":[\"devices\"],\"actions\":[\"get\"],\"devices\":\"all\"}]}");
        String authcode = create("/applications/" + id(made) + "/authcodes", "{\"count\":1,\"terminals\":1}")
                .required("authcodes").get(0).required("authcode").stringValue();
        String target = "/httpapi/authorize.do?appkey=" + made.required("app_key").stringValue()
                + "&userid=lamp&authcode=" + authcode;
        String token = RawHttp.call(GATE.port(), "GET", target, "").json().required("data").required("accessToken")
                .stringValue();

        assertAllowed(token, "GET", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "GET", "/devices", "account_scope_required");
        assertRefused(token, "DELETE", "/devices/lamp", "action_not_permitted");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");

        assertThat(RawHttp.call(GATE.port(), "GET", target.replace("lamp", "fan"), "").json().required("status")
                .intValue()).isEqualTo(121);
        delete("/applications/" + id(made) + "/authcodes/" + authcode);
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
    }

    @Test
    void rsaToken() {
        create("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp\"]}");
        create("/projects", "{\"id\":\"garden\",\"name\":\"Garden\",\"devices\":[\"fan\"]}");
        JsonNode made = create("/rsa-tokens",
                "{\"name\":" + name() + ",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        JsonNode file = operate("GET", "/rsa-tokens/" + id(made) + "/file", "").json();
        String token = ClientTokens.encrypted(file, "");

        assertAllowed(token, "GET", "/devices/lamp");
        assertAllowed(token, "DELETE", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "GET", "/devices", "account_scope_required");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");

        String once = ClientTokens.encrypted(file, "\"jti\":\"one\"");
        assertThat(bearer(once, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertRefused(once, "GET", "/devices/lamp", "credential_invalid");
        assertRefused(ClientTokens.encrypted(file, "\"jti\":\"one\""), "GET", "/devices/lamp", "credential_invalid");

        assertThat(operate("PUT", "/projects/house", "{\"name\":\"House\",\"devices\":[\"door\"]}").status())
                .isEqualTo(200);
        assertRefused(token, "GET", "/devices/lamp", "device_not_permitted");
        assertAllowed(token, "GET", "/devices/door");
        assertChanges(made, "/rsa-tokens", "\"apis\":[\"devices\"],\"projects\":[\"garden\"]", token,
                "device_not_permitted");
        assertThat(operate("PUT", "/projects/garden", "{\"name\":\"Garden\",\"devices\":[\"lamp\"]}").status())
                .isEqualTo(200);
        assertAllowed(token, "GET", "/devices/lamp");
        assertChanges(made, "/rsa-tokens", "\"apis\":[\"logs\"],\"projects\":[\"garden\"]", token, "api_not_permitted");
        assertChanges(made, "/rsa-tokens", "\"apis\":[\"devices\"],\"projects\":[\"garden\"]", token, "");
        delete("/rsa-tokens/" + id(made));
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
        assertRefused(ClientTokens.encrypted(file, ""), "GET", "/devices/lamp", "credential_invalid");
    }

    @Test
    void jwtToken() {
        create("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp\"]}");
        create("/users", "{\"id\":\"bob\",\"name\":\"Bob\",\"devices\":[\"fan\"]}");
        JsonNode made = create("/jwt-tokens",
                "{\"name\":" + name() + ",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        String token = ClientTokens.signed(made, ClientTokens.claims("\"sub\":\"alice\""));

        assertAllowed(token, "GET", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");
        assertRefused(ClientTokens.signed(made, ClientTokens.claims("\"sub\":\"bob\"")), "GET", "/devices/fan",
                "user_not_permitted");

        String shown = operate("GET", "/jwt-tokens/" + id(made), "").json().required("secret").stringValue();
        assertThat(shown).isEqualTo(made.required("secret").stringValue()).hasSizeGreaterThanOrEqualTo(32);
        assertChanges(made, "/jwt-tokens", "\"apis\":[\"devices\"],\"users\":[\"bob\"]", token, "user_not_permitted");
        assertChanges(made, "/jwt-tokens", "\"apis\":[\"devices\"],\"users\":[\"alice\"]", token, "");
        assertThat(operate("PUT", "/users/alice", "{\"name\":\"Alice\",\"devices\":[]}").status()).isEqualTo(200);
        assertRefused(token, "GET", "/devices/lamp", "device_not_permitted");
        assertThat(operate("PUT", "/users/alice", "{\"name\":\"Alice\",\"devices\":[\"lamp\"]}").status())
                .isEqualTo(200);
        assertAllowed(token, "GET", "/devices/lamp");
        delete("/jwt-tokens/" + id(made));
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
    }

    @Test
    void jwtTokenWithARegisteredKey() throws JOSEException {
        create("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp\"]}");
        RSAKey key = new RSAKeyGenerator(2048).generate();
        JsonNode made = create("/jwt-tokens", "{\"name\":" + name()
                + ",\"apis\":[\"devices\"],\"users\":[\"alice\"],\"public_key\":" + key.toPublicJWK().toJSONString()
                + "}");
        String secretId = made.required("secret_id").stringValue();

        assertThat(made.has("secret")).isFalse();
        assertAllowed(ClientTokens.signed(key, secretId, "JWT", ClientTokens.claims("\"sub\":\"alice\"")), "GET",
                "/devices/lamp");
        RSAKey another = new RSAKeyGenerator(2048).generate();
        assertRefused(ClientTokens.signed(another, secretId, "JWT", ClientTokens.claims("\"sub\":\"alice\"")), "GET",
                "/devices/lamp", "credential_invalid");
    }

    @Test
    void tokenOfAnIssuer() {
        String token = SharedGate.ISSUER.accessToken(customer.account(), "devices:get other", "\"devices\":[\"lamp\"]");

        assertAllowed(token, "GET", "/devices/lamp");
        assertRefused(token, "GET", "/devices/fan", "device_not_permitted");
        assertRefused(token, "PUT", "/devices/lamp", "action_not_permitted");
        assertRefused(token, "GET", "/devices/lamp/datapoints", "api_not_permitted");
        assertRefused(SharedGate.ISSUER.accessToken(customer.account(), "", "\"devices\":[\"lamp\"]"), "GET",
                "/devices/lamp", "api_not_permitted");
        assertRefused(SharedGate.ISSUER.accessToken(customer.account(), "devices", ""), "GET", "/devices/lamp",
                "device_not_permitted");
        assertRefused(SharedGate.ISSUER.accessToken("nobody", "devices", "\"devices\":[\"lamp\"]"), "GET",
                "/devices/lamp", "credential_invalid");

        JsonNode shutOut = create("/blocked-subjects", "{\"issuer\":\"test\",\"subject\":\"alice\"}");
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
        assertThat(operate("GET", "/blocked-subjects", "").json().required("blocked_subjects").get(0))
                .isEqualTo(shutOut);
        delete("/blocked-subjects/" + id(shutOut));
        assertAllowed(token, "GET", "/devices/lamp");
        assertThat(operate("DELETE", "/blocked-subjects/" + id(shutOut), "").status()).isEqualTo(404);
        assertThat(operate("POST", "/blocked-subjects", "{\"issuer\":\"nobody\",\"subject\":\"alice\"}").status())
                .isEqualTo(404);

        assertThat(GATE.operate("DELETE", "/api/v1/accounts/" + customer.account(), "").status()).isEqualTo(204);
        assertRefused(token, "GET", "/devices/lamp", "credential_invalid");
    }

    private Reply operate(String method, String target, String body) {
        return GATE.operate(method, "/api/v1/accounts/" + customer.account() + target, body);
    }

    private JsonNode create(String target, String body) {
        Reply made = operate("POST", target, body);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    private void delete(String target) {
        assertThat(operate("DELETE", target, "").status()).isEqualTo(204);
    }

    /**
     * Replaces the credential, and checks at once whether a call is refused for this reason. An empty reason means that
     * the call is allowed.
     */
    private void assertChanges(JsonNode made, String target, String members, String token, String reason) {
        Reply changed = operate("PUT", target + "/" + id(made),
                "{\"name\":\"" + made.required("name").stringValue() + "\"," + members + "}");
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        if (reason.isEmpty()) {
            assertAllowed(token, "GET", "/devices/lamp");
        } else {
            assertRefused(token, "GET", "/devices/lamp", reason);
        }
    }

    /** Makes the call twice: what the gate remembers of the first call must make no difference. */
    private static void assertAllowed(String token, String method, String target) {
        for (int i = 0; i < 2; i++) {
            SharedGate.BACKEND.forget();
            Reply reply = bearer(token, method, target);
            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
            assertThat(SharedGate.BACKEND.single().hasHeader("Authorization")).isFalse();
        }
    }

    private static void assertRefused(String token, String method, String target, String reason) {
        for (int i = 0; i < 2; i++) {
            SharedGate.BACKEND.forget();
            Reply reply = bearer(token, method, target);
            assertThat(reply.reason()).as(reply.text()).isEqualTo(reason);
            assertThat(SharedGate.BACKEND.received()).isEmpty();
        }
    }

    private static Reply bearer(String token, String method, String target) {
        return RawHttp.call(GATE.port(), method, target, "", "Authorization: Bearer " + token);
    }

    private static String accessToken(JsonNode application, String more) {
        Reply reply = RawHttp.call(GATE.port(), "POST", "/oauth/token", "grant_type=client_credentials" + more,
                basic(application), "Content-Type: application/x-www-form-urlencoded");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().required("access_token").stringValue();
    }

    private static String basic(JsonNode application) {
        return "Authorization: Basic " + Base64.getEncoder()
                .encodeToString((application.required("app_key").stringValue() + ":"
                        + application.required("app_secret").stringValue()).getBytes(StandardCharsets.US_ASCII));
    }

    private static String encoded(String text) {
        return text.replace("=", "%3D");
    }

    private static String id(JsonNode made) {
        return made.required("id").stringValue();
    }

    /** Names of tokens are unique on the whole gate. */
    private String name() {
        return "\"token of " + customer.account() + "\"";
    }
}
