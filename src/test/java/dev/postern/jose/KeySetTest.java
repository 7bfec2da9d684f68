package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.postern.access.DenyReason;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeySetTest {
    private static final List<String> ALGORITHMS = List.of("RS256", "ES256", "EdDSA");
    private static final RSAKey RSA = rsa(2048);
    private static final ECKey EC = ec();
    private static final String ED25519 = new OctetKeyPair.Builder(
            (OctetKeyPair) Tokens.jwk(Tokens.ed25519().getPublic()))
            .keyID("ed").build().toJSONString();

    private static RSAKey rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return new RSAKey.Builder((RSAPublicKey) generator.generateKeyPair().getPublic()).build();
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static ECKey ec() {
        try {
            return new ECKeyGenerator(Curve.P_256).generate();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static ECKey named(String id) {
        return new ECKey.Builder(EC.toPublicJWK()).keyID(id).build();
    }

    private static RSAKey rsaNamed(String id) {
        return new RSAKey.Builder(RSA).keyID(id).build();
    }

    private static KeySet read(Object... entries) {
        return read(KeySet.NONE, entries);
    }

    private static KeySet read(KeySet before, Object... entries) {
        String json = Stream.of(entries).map(Object::toString).collect(Collectors.joining(",", "{\"keys\":[", "]}"));
        return KeySet.read(json.getBytes(StandardCharsets.UTF_8), ALGORITHMS, 5, before);
    }

    private static Optional<String> choose(KeySet keys, String algorithm, Optional<String> id) {
        return keys.candidates(header(algorithm, id)).stream().map(VerificationKey::algorithm).findFirst();
    }

    private static JoseHeader header(String algorithm, Optional<String> id) {
        return new JoseHeader(algorithm, Optional.empty(), id, Optional.empty());
    }

    static Stream<Object> unusable() {
        ECKey pair = new ECKey.Builder(EC).keyID("bad").build();
        return Stream.of("{\"kty\":\"new\",\"kid\":\"bad\"}", "{\"kid\":\"bad\"}", "17", "null", "\"key\"", "[]",
                "{\"kty\":\"RSA\",\"kid\":\"bad\",\"e\":\"AQAB\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"bad\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
                "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"kid\":\"bad\",\"x\":\"" + "A".repeat(43) + "\"}",
                new RSAKey.Builder(rsa(1024)).keyID("bad").build(),
                new RSAKey.Builder(RSA).keyUse(KeyUse.ENCRYPTION).keyID("bad").build(),
                new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.RS512).keyID("bad").build(),
                new OctetSequenceKey.Builder(BigInteger.TWO.pow(300).toByteArray()).keyID("bad").build(), pair);
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void skipsUnusableKeys(Object unusable) {
        for (KeySet keys : List.of(read(unusable, named("good")), read(named("good"), unusable))) {
            assertThat(keys.size()).isOne();
            assertThat(choose(keys, "ES256", Optional.of("good"))).contains("ES256");
            for (String algorithm : List.of("RS256", "RS512", "ES256", "HS256", "EdDSA")) {
                assertThat(choose(keys, algorithm, Optional.of("bad"))).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void isInvalidWithoutAUsableKey(Object unusable) {
        assertThatThrownBy(() -> read(unusable)).isInstanceOf(UnusableKeySetException.class)
                .hasMessage("no usable key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html/>", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":[]} x",
            "{\"keys\":[]}", "{\"keys\":[", "{\"keys\":null}"})
    void mustBeAJsonObjectWithKeys(String json) {
        assertThatThrownBy(() -> KeySet.read(json.getBytes(StandardCharsets.UTF_8), ALGORITHMS, 5, KeySet.NONE))
                .isInstanceOf(UnusableKeySetException.class);
    }

    @Test
    void limitsTheNumberOfKeys() {
        assertThat(read(named("1"), named("2"), named("3"), named("4"), named("5")).size()).isEqualTo(5);
        assertThatThrownBy(() -> read(named("1"), named("2"), named("3"), named("4"), named("5"), 6))
                .isInstanceOf(UnusableKeySetException.class).hasMessage("more than 5 keys");
    }

    private static DenyReason refusal(KeySet keys, String algorithm, Optional<String> id) {
        return keys.refusal(header(algorithm, id)).reason();
    }

    @Test
    void choosesByTheIdAndTheAlgorithm() {
        KeySet keys = read(named("ec"), rsaNamed("rsa"));

        assertThat(choose(keys, "ES256", Optional.of("ec"))).contains("ES256");
        assertThat(choose(keys, "RS256", Optional.of("rsa"))).contains("RS256");
        assertThat(choose(keys, "RS256", Optional.of("ec"))).isEmpty();
        assertThat(refusal(keys, "RS256", Optional.of("ec"))).isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
        for (String unknown : List.of("RSA", "")) {
            assertThat(choose(keys, "RS256", Optional.of(unknown))).isEmpty();
            assertThat(refusal(keys, "RS256", Optional.of(unknown))).isEqualTo(DenyReason.TOKEN_KEY_UNKNOWN);
        }
    }

    @Test
    void choosesByTheAlgorithmAmongKeysOfOneId() {
        KeySet keys = read(named("twin"), rsaNamed("twin"));

        assertThat(choose(keys, "ES256", Optional.of("twin"))).contains("ES256");
        assertThat(choose(keys, "RS256", Optional.of("twin"))).contains("RS256");
        assertThat(choose(keys, "HS256", Optional.of("twin"))).isEmpty();
        assertThat(refusal(keys, "HS256", Optional.of("twin"))).isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
    }

    @Test
    void usesAKeyWithoutAnAlgorithmForAllSuitableOnes() {
        List<String> accepted = List.of("RS256", "PS256", "PS512", "ES384", "EdDSA");
        KeySet keys = KeySet.read(("{\"keys\":[" + rsaNamed("rsa") + "," + named("ec") + "," + ED25519 + "]}")
                .getBytes(StandardCharsets.UTF_8), accepted, 5, KeySet.NONE);

        for (String fitting : List.of("RS256", "PS256", "PS512")) {
            assertThat(keys.candidates(header(fitting, Optional.of("rsa")))).as(fitting).hasSize(1);
            assertThat(keys.candidates(header(fitting, Optional.empty()))).as(fitting).hasSize(1);
        }
        for (String fitting : List.of("EdDSA", "Ed25519")) {
            assertThat(keys.candidates(header(fitting, Optional.of("ed")))).as(fitting).hasSize(1);
        }
        // Not accepted, of another kind of key, of another curve, or nonsense.
        for (String other : List.of("RS384", "RS512", "PS384", "HS256", "ES384", "EdDSA", "none", "RS256 ", "rs256")) {
            assertThat(keys.candidates(header(other, Optional.of("rsa")))).as(other).isEmpty();
        }
        assertThat(keys.size()).as("the key of P-256 fits nothing that is accepted").isEqualTo(2);
    }

    @Test
    void usesAKeyWithAnAlgorithmOnlyForThatOne() {
        KeySet keys = KeySet.read(("{\"keys\":[" + new RSAKey.Builder(RSA).keyID("rsa").algorithm(JWSAlgorithm.PS256)
                .build() + "]}").getBytes(StandardCharsets.UTF_8), List.of("RS256", "PS256"), 5, KeySet.NONE);

        assertThat(keys.candidates(header("PS256", Optional.of("rsa")))).hasSize(1);
        assertThat(keys.candidates(header("RS256", Optional.of("rsa")))).isEmpty();
    }

    @Test
    void triesAllKeysOfTheAlgorithmForATokenWithoutAnId() {
        KeySet keys = read(named("one"), named("two"), new RSAKey.Builder(RSA).build());

        assertThat(keys.candidates(header("ES256", Optional.empty()))).hasSize(2);
        assertThat(choose(keys, "RS256", Optional.empty())).contains("RS256");
        assertThat(choose(keys, "EdDSA", Optional.empty())).isEmpty();
        assertThat(refusal(keys, "EdDSA", Optional.empty())).isEqualTo(DenyReason.TOKEN_KEY_UNKNOWN);
    }

    @Test
    void triesNoneIfThereAreTooMany() {
        KeySet four = read(named("1"), named("2"), named("3"), named("4"));
        KeySet five = read(named("1"), named("2"), named("3"), named("4"), named("5"));

        assertThat(four.candidates(header("ES256", Optional.empty()))).hasSize(4);
        assertThat(five.candidates(header("ES256", Optional.empty()))).isEmpty();
        assertThat(five.refusal(header("ES256", Optional.empty())).detail())
                .isEqualTo("More than 4 keys of the issuer fit the token. It must name one.");
        assertThat(choose(five, "ES256", Optional.of("5"))).contains("ES256");
    }

    @Test
    void reusesUnchangedKeysOfTheNextSet() {
        JWK changed = new ECKey.Builder(ec().toPublicJWK()).keyID("changed").build();
        KeySet before = read(named("stays"), named("changed"));
        KeySet after = read(before, changed, named("stays"));

        VerificationKey stays = before.candidates(header("ES256", Optional.of("stays"))).getFirst();
        assertThat(after.candidates(header("ES256", Optional.of("stays")))).containsExactly(stays);
        assertThat(after.has(stays)).isTrue();
        VerificationKey old = before.candidates(header("ES256", Optional.of("changed"))).getFirst();
        assertThat(after.candidates(header("ES256", Optional.of("changed")))).hasSize(1).doesNotContain(old);
        assertThat(after.has(old)).isFalse();
    }
}
