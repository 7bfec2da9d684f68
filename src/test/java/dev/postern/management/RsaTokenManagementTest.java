package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import dev.postern.jose.CryptoWorkers;
import dev.postern.support.HeldWorkers;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.UsesSharedGate;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /api/v1/accounts/{account}/rsa-tokens}, over a real socket. */
@UsesSharedGate
class RsaTokenManagementTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final Customer customer = GATE.newCustomer();

    @Test
    void showsKeysOnlyInTheFile() {
        JsonNode made = make("plain");
        String place = "/rsa-tokens/" + made.required("id").stringValue();
        JsonNode file = customer.manage("GET", place + "/file", "").json();

        assertThat(made.propertyNames()).containsExactlyInAnyOrder("id", "name", "apis", "projects", "key_id",
                "enabled", "created_at", "expires_at", "allowed_networks", "last_used_at", "rotation");
        assertThat(made.required("apis")).hasToString("[\"datapoints\",\"devices\"]");
        assertThat(made.required("projects")).hasToString("[\"house\"]");
        for (Reply reply : List.of(customer.manage("GET", place, ""), customer.manage("GET", "/rsa-tokens", ""))) {
            assertThat(reply.text()).contains(made.required("key_id").stringValue())
                    .doesNotContain(file.required("key").stringValue()).doesNotContain("PUBLIC KEY")
                    .doesNotContain("private");
        }
    }

    @Test
    void putsTheKeyIntoTheFileInTwoFormats() throws GeneralSecurityException, ParseException, JOSEException {
        JsonNode made = make("file");

        Reply reply = customer.manage("GET", "/rsa-tokens/" + made.required("id").stringValue() + "/file", "");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Disposition"))
                .matches("attachment; filename=\"postern-[A-Za-z0-9_-]{22}\\.json\"");
        assertThat(reply.header("Cache-Control")).contains("no-store");
        JsonNode file = reply.json();
        assertThat(file.propertyNames()).containsExactlyInAnyOrder("name", "key_id", "key", "public_key", "jwk", "apis",
                "projects", "example");
        RSAKey jwk = RSAKey.parse(file.required("jwk").toString());
        assertThat(jwk.toRSAPublicKey()).isEqualTo(ofPem(file.required("public_key").stringValue()));
        assertThat(jwk.isPrivate()).isFalse();
        assertThat(jwk.getKeyID()).isEqualTo(file.required("key_id").stringValue())
                .isEqualTo(made.required("key_id").stringValue());
        assertThat(file.required("example").required("steps").size()).isGreaterThan(2);
        JsonNode payload = file.required("example").required("payload");
        assertThat(payload.required("exp").longValue() - payload.required("iat").longValue()).isEqualTo(300);
    }

    @Test
    void theExampleMakesTokensThatTheGateAccepts()
            throws GeneralSecurityException, ParseException, JOSEException {
        JsonNode made = make("example");
        String place = "/rsa-tokens/" + made.required("id").stringValue();
        JsonNode file = customer.manage("GET", place + "/file", "").json();
        JsonNode example = file.required("example");

        JWEObject token = new JWEObject(JWEHeader.parse(example.required("header").toString()),
                new Payload(example.required("payload").toString()));
        token.encrypt(new RSAEncrypter(ofPem(file.required("public_key").stringValue())));

        assertThat(GATE.call(token.serialize(), "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(token.serialize(), "GET", "/devices/door").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(token.serialize(), "GET", "/logs/lamp").reason()).isEqualTo("api_not_permitted");

        Reply replaced = customer.manage("PUT", place, "{\"name\":\"" + made.required("name").stringValue()
                + "\",\"apis\":[],\"projects\":[\"house\"]}");
        assertThat(replaced.json().required("apis")).isEmpty();
        assertThat(GATE.call(token.serialize(), "GET", "/devices/lamp").reason()).isEqualTo("api_not_permitted");

        customer.manage("DELETE", place, "");
        assertThat(GATE.call(token.serialize(), "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
        assertThat(customer.manage("GET", place + "/file", "").reason()).isEqualTo("not_found");
    }

    @Test
    void reportsThatTooManyKeyPairsAreBeingGenerated() {
        String place = "/rsa-tokens/" + make("busy").required("id").stringValue() + "/file";
        try (HeldWorkers _ = new HeldWorkers(GATE.context().getBean("keyMakers", CryptoWorkers.class), 1)) {
            Reply create = customer.manage("POST", "/rsa-tokens",
                    "{\"name\":\"late " + customer.account() + "\",\"apis\":[],\"projects\":[]}");
            Reply file = customer.manage("GET", place, "");

            for (Reply busy : List.of(create, file)) {
                assertThat(busy.status()).isEqualTo(503);
                assertThat(busy.reason()).isEqualTo("busy");
                assertThat(busy.header("Retry-After")).isNotEmpty();
            }
            assertThat(customer.manage("GET", "/rsa-tokens", "").json().required("total_count").intValue())
                    .isEqualTo(1);
        }
    }

    private JsonNode make(String name) {
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"n\",\"devices\":[\"lamp\"]}");
        return customer.make("/rsa-tokens", "{\"name\":\"" + name + " rsa " + customer.account()
                + "\",\"apis\":[\"devices\",\"datapoints\",\"devices\"],\"projects\":[\"house\"]}");
    }

    private static RSAPublicKey ofPem(String pem) throws GeneralSecurityException {
        byte[] encoded = Base64.getMimeDecoder()
                .decode(pem.replace("-----BEGIN PUBLIC KEY-----", "").replace("-----END PUBLIC KEY-----", ""));
        return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
    }
}
