package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/accounts/{account}/jwt-tokens}, over a real socket. */
@UsesSharedGate
class JwtTokenManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    @Test
    void generatesASecretForClientsAndShowsItWithTheToken() throws JOSEException {
        JsonNode made = make("secret", "");
        String place = "/jwt-tokens/" + made.required("id").stringValue();

        assertThat(made.propertyNames()).containsExactlyInAnyOrder("id", "name", "apis", "users", "secret_id",
                "secret", "algorithm", "enabled", "created_at", "expires_at", "allowed_networks", "last_used_at",
                "rotation");
        assertThat(made.required("algorithm").stringValue()).isEqualTo("HS256");
        String secret = made.required("secret").stringValue();
        String token = sign(made, JWSAlgorithm.HS256, new MACSigner(secret), "ann");
        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(sign(made, JWSAlgorithm.HS256, new MACSigner(secret), "bob"), "GET", "/devices/door")
                .reason()).isEqualTo("user_not_permitted");

        assertThat(shown(place)).isEqualTo(withoutUse(made));
        assertThat(customer.manage("GET", "/jwt-tokens", "").text()).doesNotContain(secret)
                .doesNotContain("\"secret\"").contains(made.required("secret_id").stringValue());
        Reply replaced = customer.manage("PUT", place, "{\"name\":\"" + made.required("name").stringValue()
                + "\",\"apis\":[\"devices\"],\"users\":[],\"enabled\":true}");
        assertThat(replaced.text()).doesNotContain(secret);
        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("user_not_permitted");
    }

    @Test
    void acceptsAPublicKeyInThreeFormats() throws JOSEException {
        ECKey pair = new ECKeyGenerator(Curve.P_256).generate();
        String jwk = pair.toPublicJWK().toJSONString();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.toECPublicKey().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";

        for (String form : List.of(jwk, quoted(jwk), quoted(pem))) {
            JsonNode made = make("form " + form.length(), ",\"public_key\":" + form);
            assertThat(made.has("secret")).isFalse();
            assertThat(made.required("algorithm").stringValue()).isEqualTo("ES256");
            JsonNode key = made.required("public_key");
            assertThat(key.required("x").stringValue()).isEqualTo(pair.getX().toString());
            assertThat(key.has("d")).isFalse();
            assertThat(GATE.call(sign(made, JWSAlgorithm.ES256, new ECDSASigner(pair), "ann"), "GET", "/devices/lamp")
                    .status()).isEqualTo(200);
            assertThat(shown("/jwt-tokens/" + made.required("id").stringValue())).isEqualTo(withoutUse(made));
        }
        assertThat(customer.manage("GET", "/jwt-tokens", "").text()).contains(pair.getX().toString());
    }

    @Test
    void refusesAPrivateKeyWithoutQuotingIt() throws JOSEException {
        ECKey pair = new ECKeyGenerator(Curve.P_256).generate();
        customer.make("/users", "{\"id\":\"ann\",\"name\":\"n\",\"devices\":[]}");

        for (String form : List.of(pair.toJSONString(), quoted(pair.toJSONString()))) {
            Reply reply = customer.manage("POST", "/jwt-tokens", "{\"name\":\"private " + customer.account()
                    + "\",\"apis\":[],\"users\":[],\"public_key\":" + form + "}");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.json().required("detail").stringValue()).isEqualTo(
                    "public_key: the key is not public");
            assertThat(reply.text()).doesNotContain(pair.getD().toString());
        }
        assertThat(customer.manage("GET", "/jwt-tokens", "").json().required("total_count").intValue()).isZero();
    }

    private JsonNode shown(String place) {
        return withoutUse(customer.manage("GET", place, "").json());
    }

    /** Leaves out the time of the last use: the gate writes it only every two seconds. */
    private static JsonNode withoutUse(JsonNode token) {
        ObjectNode rest = ((ObjectNode) token).deepCopy();
        rest.remove("last_used_at");
        return rest;
    }

    private JsonNode make(String name, String besides) {
        customer.manage("POST", "/users", "{\"id\":\"ann\",\"name\":\"n\",\"devices\":[\"lamp\"]}");
        return customer.make("/jwt-tokens", "{\"name\":\"" + name + " jwt " + customer.account()
                + "\",\"apis\":[\"devices\"],\"users\":[\"ann\"]" + besides + "}");
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    private static String sign(JsonNode made, JWSAlgorithm algorithm, JWSSigner signer, String user)
            throws JOSEException {
        Instant now = Instant.now();
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(algorithm).keyID(made.required("secret_id").stringValue()).build(),
                new Payload("{\"sub\":\"" + user + "\",\"iat\":" + now.getEpochSecond() + ",\"exp\":"
                        + now.plusSeconds(60).getEpochSecond() + "}"));
        token.sign(signer);
        return token.serialize();
    }
}
