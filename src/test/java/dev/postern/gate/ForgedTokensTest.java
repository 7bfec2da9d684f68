package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.postern.access.DenyReason;
import dev.postern.support.ClientTokens;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestGate.Customer;
import dev.postern.support.TestIssuer;
import dev.postern.support.UsesSharedGate;
import dev.postern.telemetry.GateMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens as attackers make them, with key IDs that the gate knows, over real sockets: each is refused for the reason
 * that the metric shows, and the caller gets the same answer for all of them.
 */
@UsesSharedGate
class ForgedTokensTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final String RSA_HEADER = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"RSA_KID\"%s}";
    private static final String GOOD = "\"sub\":\"alice\"";

    private static JsonNode jwtToken = NullNode.getInstance();
    private static JsonNode publicToken = NullNode.getInstance();
    private static JsonNode tokenFile = NullNode.getInstance();
    private static RSAKey registered = newKey();

    @BeforeAll
    static void makeTokens() {
        Customer customer = GATE.newCustomer();
        customer.make("/users", "{\"id\":\"alice\",\"name\":\"Alice\",\"devices\":[\"lamp\"]}");
        customer.make("/projects", "{\"id\":\"house\",\"name\":\"House\",\"devices\":[\"lamp\"]}");
        jwtToken = customer.make("/jwt-tokens",
                "{\"name\":\"jwt to forge\",\"apis\":[\"devices\"],\"users\":[\"alice\"]}");
        publicToken = customer.make("/jwt-tokens",
                "{\"name\":\"public to forge\",\"apis\":[\"devices\"],\"users\":[\"alice\"],\"public_key\":"
                        + registered.toPublicJWK().toJSONString() + "}");
        JsonNode rsaToken = customer.make("/rsa-tokens",
                "{\"name\":\"rsa to forge\",\"apis\":[\"devices\"],\"projects\":[\"house\"]}");
        tokenFile = customer.manage("GET", "/rsa-tokens/" + rsaToken.required("id").stringValue() + "/file", "").json();
    }

    private interface Forgery {
        String make() throws JOSEException, ParseException;
    }

    private record Attack(DenyReason reason, Forgery forgery) {}

    private static final Map<String, Attack> ATTACKS = new LinkedHashMap<>();

    private static void attack(String name, DenyReason reason, Forgery forgery) {
        ATTACKS.put(name, new Attack(reason, forgery));
    }

    static {
        for (String algorithm : new String[]{"none", "None", "HS384", "RS256", "ES256", ""}) {
            attack("alg " + algorithm, DenyReason.TOKEN_ALGORITHM_REFUSED,
                    () -> signed("{\"alg\":\"" + algorithm + "\",\"kid\":\"JWT_KID\"}", GOOD));
        }
        attack("no signature at all", DenyReason.TOKEN_SIGNATURE_INVALID, () -> {
            String token = signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\"}", GOOD);
            return token.substring(0, token.lastIndexOf('.') + 1);
        });
        attack("HS256 with the registered public key as PEM", DenyReason.TOKEN_ALGORITHM_REFUSED,
                () -> signedWith("{\"alg\":\"HS256\",\"kid\":\"PUBLIC_KID\"}", GOOD,
                        ("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                                .encodeToString(registered.toRSAPublicKey().getEncoded())
                                + "\n-----END PUBLIC KEY-----\n").getBytes(StandardCharsets.US_ASCII)));
        attack("HS256 with the public key of an RSA token", DenyReason.TOKEN_KEY_UNKNOWN,
                () -> signedWith("{\"alg\":\"HS256\",\"kid\":\"RSA_KID\"}", GOOD,
                        tokenFile.required("public_key").stringValue().getBytes(StandardCharsets.US_ASCII)));
        attack("the secret as the key of an encrypted token", DenyReason.TOKEN_KEY_UNKNOWN,
                () -> encrypted(RSA_HEADER.replace("RSA_KID", "JWT_KID").formatted("")));
        for (String member : new String[]{"\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}", "\"jku\":\"https://keys.test\"",
                "\"x5u\":\"https://keys.test\"", "\"x5c\":[\"AAAA\"]", "\"crit\":[\"exp\"]", "\"crit\":[]",
                "\"b64\":false", "\"b64\":false,\"crit\":[\"b64\"]", "\"zip\":\"DEF\"", "\"cty\":\"JWT\"",
                "\"typ\":\"at+jwt\"", "\"typ\":\"secevent+jwt\""}) {
            attack("signed with " + member, DenyReason.TOKEN_HEADER_REFUSED,
                    () -> signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\"," + member + "}", GOOD));
            attack("encrypted with " + member, DenyReason.TOKEN_HEADER_REFUSED,
                    () -> encrypted(RSA_HEADER.formatted("," + member)));
        }
        attack("alg twice", DenyReason.TOKEN_MALFORMED,
                () -> signed("{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"JWT_KID\"}", GOOD));
        attack("kid twice", DenyReason.TOKEN_MALFORMED,
                () -> signed("{\"alg\":\"HS256\",\"kid\":\"x\",\"kid\":\"JWT_KID\"}", GOOD));
        attack("sub twice", DenyReason.TOKEN_MALFORMED,
                () -> signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\"}", "\"sub\":\"bob\",\"sub\":\"alice\""));
        for (String algorithm : new String[]{"dir", "RSA1_5", "RSA-OAEP", "PBES2-HS256+A128KW", "A256KW", "ECDH-ES"}) {
            attack("JWE " + algorithm, DenyReason.TOKEN_ALGORITHM_REFUSED,
                    () -> encrypted(RSA_HEADER.replace("RSA-OAEP-256", algorithm).formatted("")));
        }
        for (String method : new String[]{"A128GCM", "A256CBC-HS512", "none"}) {
            attack("JWE " + method, DenyReason.TOKEN_ALGORITHM_REFUSED,
                    () -> encrypted(RSA_HEADER.replace("A256GCM", method).formatted("")));
        }
        attack("an encrypted key of another size", DenyReason.TOKEN_MALFORMED, () -> {
            String[] parts = ClientTokens.encrypted(tokenFile, "").split("\\.", -1);
            parts[1] = "A".repeat(512);
            return String.join(".", parts);
        });
        attack("encrypted by somebody without the key", DenyReason.TOKEN_CLAIM_INVALID,
                () -> ClientTokens.encryptedAs(tokenFile, ClientTokens.claims("\"key\":\"guess\"")));
        attack("encrypted without a key inside", DenyReason.TOKEN_CLAIM_INVALID,
                () -> ClientTokens.encryptedAs(tokenFile, ClientTokens.claims("")));
        attack("encrypted for another key under this kid", DenyReason.TOKEN_UNDECRYPTABLE,
                () -> encryptedFor(newKey(), tokenFile.required("key_id").stringValue()));
        attack("oversized header", DenyReason.TOKEN_MALFORMED,
                () -> signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\",\"x\":\"" + "x".repeat(2000) + "\"}", GOOD));
        attack("oversized payload", DenyReason.TOKEN_MALFORMED,
                () -> signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\"}", GOOD + ",\"x\":\"" + "x".repeat(5000) + "\""));
        for (String claim : new String[]{"\"exp\":\"4000000000\"", "\"exp\":null", "\"exp\":-1", "\"exp\":1e400",
                "\"exp\":true"}) {
            attack(claim, DenyReason.TOKEN_CLAIM_INVALID, () -> exact("{\"sub\":\"alice\"," + claim + "}"));
        }
        attack("exp in milliseconds", DenyReason.TOKEN_CLAIM_INVALID,
                () -> exact("{\"sub\":\"alice\",\"exp\":" + Instant.now().plusSeconds(60).toEpochMilli() + "}"));
        attack("no exp", DenyReason.TOKEN_CLAIM_INVALID, () -> exact("{\"sub\":\"alice\"}"));
        attack("nbf in an hour", DenyReason.TOKEN_NOT_YET_VALID,
                () -> exact(
                        ClientTokens.claims(GOOD + ",\"nbf\":" + Instant.now().plusSeconds(3600).getEpochSecond())));
        attack("iat in milliseconds", DenyReason.TOKEN_CLAIM_INVALID, () -> exact("{\"sub\":\"alice\",\"iat\":"
                + Instant.now().toEpochMilli() + ",\"exp\":" + Instant.now().plusSeconds(60).getEpochSecond() + "}"));
        attack("issuer's token of another type", DenyReason.TOKEN_HEADER_REFUSED,
                () -> SharedGate.ISSUER.signed("JWT", ClientTokens.claims("\"iss\":\"" + TestIssuer.ISSUER + "\"")));
        attack("issuer's token for others", DenyReason.TOKEN_CLAIM_INVALID, () -> SharedGate.ISSUER.signed("at+jwt",
                ClientTokens.claims("\"iss\":\"" + TestIssuer.ISSUER + "\",\"aud\":\"https://others.test\"")));
        attack("issuer's token signed by somebody else", DenyReason.TOKEN_SIGNATURE_INVALID,
                () -> ClientTokens.signed(newKey(), "first", "at+jwt",
                        ClientTokens.claims("\"iss\":\"" + TestIssuer.ISSUER + "\"")));
        attack("the gate's own secret under the name of an issuer", DenyReason.TOKEN_HEADER_REFUSED,
                () -> ClientTokens.signed(jwtToken,
                        ClientTokens.claims(GOOD + ",\"iss\":\"" + TestIssuer.ISSUER + "\"")));
    }

    static Iterable<String> attacks() {
        return ATTACKS.keySet();
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void isRefusedWithoutMoreDetailThanAnyOther(String name) throws JOSEException, ParseException {
        Attack attack = ATTACKS.getOrDefault(name, new Attack(DenyReason.INTERNAL_ERROR, () -> ""));
        String token = attack.forgery().make();
        double before = counted(attack.reason());
        SharedGate.BACKEND.forget();

        Reply reply = RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "Authorization: Bearer " + token);

        assertThat(counted(attack.reason())).as("%s: %s", reply.text(), token).isEqualTo(before + 1);
        assertThat(reply.status()).isEqualTo(401);
        ObjectNode told = (ObjectNode) reply.json();
        told.remove("request_id");
        assertThat(told.toString()).isEqualTo(unknown());
        assertThat(reply.header("WWW-Authenticate")).isEqualTo(
                "Bearer realm=\"postern\", error=\"invalid_token\", error_description=\"The credential is not valid.\"");
        assertThat(SharedGate.BACKEND.received()).isEmpty();
    }

    /**
     * The methods that make the forged tokens also make tokens that are allowed. So each forged token is refused
     * because of what was changed in it.
     */
    @Test
    void genuineTokenIsAllowed() {
        for (String token : new String[]{signed("{\"alg\":\"HS256\",\"kid\":\"JWT_KID\"}", GOOD),
                signed("{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"JWT_KID\",\"x5t\":\"AAAA\"}", GOOD),
                exact(ClientTokens.claims(GOOD + ",\"aud\":[\"others\",\"postern\"]")),
                ClientTokens.encrypted(tokenFile, ""),
                ClientTokens.signed(registered, publicToken.required("secret_id").stringValue(), "JWT",
                        ClientTokens.claims(GOOD))}) {
            assertThat(RawHttp.call(GATE.port(), "GET", "/devices/lamp", "", "Authorization: Bearer " + token).status())
                    .isEqualTo(200);
        }
    }

    private static String unknown() {
        ObjectNode told = (ObjectNode) RawHttp.call(GATE.port(), "GET", "/devices/lamp", "",
                "Authorization: Bearer nobody").json();
        told.remove("request_id");
        return told.toString();
    }

    private static double counted(DenyReason reason) {
        return GATE.context().getBean(MeterRegistry.class).find(GateMeters.DECISIONS).tag("reason", reason.word())
                .counters().stream().mapToDouble(Counter::count).sum();
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).generate();
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Signed with the secret of the JWT token, whatever the header says. */
    private static String signed(String header, String claims) {
        return signedWith(header, claims,
                jwtToken.required("secret").stringValue().getBytes(StandardCharsets.UTF_8));
    }

    private static String exact(String payload) {
        return ClientTokens.signed(jwtToken, payload);
    }

    private static String signedWith(String header, String claims, byte[] secret) {
        String input = base64(known(header)) + "." + base64(ClientTokens.claims(claims));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return input + "." + Base64.getUrlEncoder().withoutPadding()
                    .encodeToString(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A valid token, but with another header. */
    private static String encrypted(String header) {
        String[] parts = ClientTokens.encrypted(tokenFile, "").split("\\.", -1);
        return base64(known(header)) + "." + String.join(".", Arrays.copyOfRange(parts, 1, parts.length));
    }

    private static String encryptedFor(RSAKey key, String keyId) throws JOSEException {
        JWEObject token = new JWEObject(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID(keyId).build(), new Payload(ClientTokens.claims("")));
        token.encrypt(new RSAEncrypter(key));
        return token.serialize();
    }

    private static String known(String header) {
        return header.replace("JWT_KID", jwtToken.required("secret_id").stringValue())
                .replace("PUBLIC_KID", publicToken.required("secret_id").stringValue())
                .replace("RSA_KID", tokenFile.required("key_id").stringValue());
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
