package dev.postern.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.postern.issuance.JwtTokens;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RegisteredKeyTest {
    @ParameterizedTest
    @CsvSource({"RSA, RS256", "EC, ES256", "Ed25519, EdDSA"})
    void addsTheAlgorithmToAKeyWithoutOne(String kind, String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(Curve.P_256.toECParameterSpec());
        }

        JsonNode jwk = read(pem(generator.generateKeyPair().getPublic()));

        assertThat(jwk.required("alg").stringValue()).isEqualTo(algorithm);
        assertThat(jwk.has("d")).isFalse();
    }

    @Test
    void keepsTheAlgorithmOfTheKey() throws JOSEException {
        RSAKey key = new RSAKeyGenerator(2048).algorithm(JWSAlgorithm.PS256).keyID("of the client").generate();

        JsonNode jwk = read(key.toPublicJWK().toJSONString());

        assertThat(jwk.required("alg").stringValue()).isEqualTo("PS256");
        assertThat(jwk.required("n").stringValue()).isEqualTo(key.getModulus().toString());
    }

    @Test
    void refusesUnsuitableKeys() throws JOSEException {
        ECKey pair = new ECKeyGenerator(Curve.P_256).generate();
        assertRefused(pair.toJSONString(), "not public");
        assertRefused(new OctetSequenceKeyGenerator(256).generate().toJSONString(), "not public");
        assertRefused(new ECKeyGenerator(Curve.P_384).generate().toPublicJWK().toJSONString(), "fits none");
        assertRefused(new RSAKeyGenerator(2048).keyUse(KeyUse.ENCRYPTION).generate().toPublicJWK().toJSONString(),
                "not for signatures");
        assertRefused(new RSAKeyGenerator(1024, true).generate().toPublicJWK().toJSONString(), "1024");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a secret", "{}", "{\"kty\":\"RSA\"}", "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"})
    void refusesWhatIsNoPublicKey(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> JwtTokens.RegisteredKey.read(text))
                .withMessageStartingWith("it is");
    }

    private static void assertRefused(String text, String why) {
        assertThatIllegalArgumentException().isThrownBy(() -> JwtTokens.RegisteredKey.read(text))
                .withMessageContaining(why);
    }

    private static JsonNode read(String text) {
        return JsonMapper.shared().readTree(JwtTokens.RegisteredKey.read(text).jwk());
    }

    private static String pem(Key key) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
