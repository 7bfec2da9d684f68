package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecryptionKeyTest {
    private static final DecryptionKey KEY = DecryptionKey.generate(2048);
    private static final String HEADER = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}";
    private static final String PAYLOAD = "{\"sub\":\"lamp-1\"}";

    private static RSAPublicKey fromPem(DecryptionKey key) throws GeneralSecurityException {
        String[] lines = key.publicPem().split("\n", -1);
        assertThat(lines[0]).isEqualTo("-----BEGIN PUBLIC KEY-----");
        assertThat(lines[lines.length - 2]).isEqualTo("-----END PUBLIC KEY-----");
        assertThat(lines[lines.length - 1]).isEmpty();
        String encoded = String.join("", List.of(lines).subList(1, lines.length - 2));
        return (RSAPublicKey) KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(encoded)));
    }

    private static CompactToken.Encrypted read(String token) {
        return (CompactToken.Encrypted) CompactToken.read(token);
    }

    private static String encrypted(RSAPublicKey key) throws JOSEException {
        JWEObject token = new JWEObject(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID("one").build(), new Payload(PAYLOAD));
        token.encrypt(new RSAEncrypter(key));
        return token.serialize();
    }

    @Test
    void decryptsWhatALibraryEncrypted() throws Exception {
        for (int bits : List.of(2048, 3072)) {
            DecryptionKey key = DecryptionKey.generate(bits);
            CompactToken.Encrypted token = read(encrypted(fromPem(key)));

            assertThatNoException().isThrownBy(() -> key.requireFit(token));
            assertThat(key.decrypt(token)).asString(StandardCharsets.UTF_8).isEqualTo(PAYLOAD);
            assertThat(token.header().keyId()).contains("one");
        }
    }

    @Test
    void isTheSameAfterEncodingAndDecoding() throws Exception {
        DecryptionKey again = DecryptionKey.decode(KEY.encoded());

        assertThat(again.encoded()).isEqualTo(KEY.encoded());
        assertThat(again.publicPem()).isEqualTo(KEY.publicPem());
        assertThat(again.decrypt(read(encrypted(fromPem(KEY))))).asString(StandardCharsets.UTF_8).isEqualTo(PAYLOAD);
    }

    @Test
    void encodesThePrivateKeyInTheStandardFormat() throws Exception {
        RSAPrivateKey read = (RSAPrivateKey) KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(KEY.encoded())));

        assertThat(read.getModulus()).isEqualTo(fromPem(KEY).getModulus());
        assertThat(read.getModulus().bitLength()).isEqualTo(2048);
    }

    @Test
    void hasTheSamePublicKeyAsPemAndAsJwk() throws GeneralSecurityException, JOSEException, ParseException {
        RSAKey jwk = RSAKey.parse(KEY.publicJwk("key-1"));

        assertThat(jwk.toRSAPublicKey()).isEqualTo(fromPem(KEY));
        assertThat(PublicKeys.read(KEY.publicPem()).toRSAKey().toRSAPublicKey()).isEqualTo(fromPem(KEY));
        assertThat(jwk.isPrivate()).isFalse();
        assertThat(jwk.getKeyID()).isEqualTo("key-1");
        assertThat(jwk.getKeyUse()).isEqualTo(KeyUse.ENCRYPTION);
        assertThat(jwk.getAlgorithm()).isEqualTo(JWEAlgorithm.RSA_OAEP_256);
    }

    @Test
    void refusesTokensOfTheWrongSizeBeforeDecrypting() {
        for (int bytes : List.of(0, 255, 257, 384, 512)) {
            CompactToken.Encrypted token = read(Tokens.encrypted(HEADER, PAYLOAD, _ -> Tokens.bytes(bytes, 1)));

            assertThat(Tokens.refusal(() -> KEY.requireFit(token)).reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
            assertThat(Tokens.refusal(() -> KEY.decrypt(token)).reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
        }
        CompactToken.Encrypted fits = read(Tokens.encrypted(HEADER, PAYLOAD, _ -> Tokens.bytes(256, 1)));
        assertThatNoException().isThrownBy(() -> KEY.requireFit(fits));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", "{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}",
            "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128GCM\"}", "{\"alg\":\"RSA-OAEP-256\"}",
            "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", "{\"alg\":\"A256GCM\",\"enc\":\"RSA-OAEP-256\"}"})
    void refusesOtherAlgorithmsEvenIfTheTokenWouldDecrypt(String header) throws GeneralSecurityException {
        CompactToken.Encrypted token = read(Tokens.encrypted(header, PAYLOAD, Tokens.oaep256(fromPem(KEY))));

        assertThat(Tokens.refusal(() -> DecryptionKey.requireAlgorithms(token.header())).reason())
                .isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
        assertThat(Tokens.refusal(() -> KEY.requireFit(token)).reason())
                .isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
        assertThat(Tokens.refusal(() -> KEY.decrypt(token)).reason()).isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
    }

    @Test
    void failsTheSameWayWhicheverStepFails() throws GeneralSecurityException {
        RSAPublicKey key = fromPem(KEY);
        String good = Tokens.encrypted(HEADER, PAYLOAD, Tokens.oaep256(key));
        List<String> bad = List.of(
                Tokens.encrypted(HEADER, PAYLOAD, Tokens.oaep256(Tokens.rsa(2048).getPublic())),
                Tokens.encrypted(HEADER, PAYLOAD, Tokens.pkcs1(key)),
                Tokens.encrypted(HEADER, PAYLOAD, _ -> Tokens.oaep256(key).wrap(new byte[31])),
                Tokens.encrypted(HEADER, PAYLOAD, _ -> Tokens.oaep256(key).wrap(new byte[32])),
                Tokens.with(good, 2, "A".repeat(16)), Tokens.with(good, 3, "AAAA"),
                Tokens.with(good, 4, "A".repeat(22)));

        for (String token : bad) {
            RefusedTokenException refusal = Tokens.refusal(() -> KEY.decrypt(read(token)));
            assertThat(refusal.reason()).isEqualTo(DenyReason.TOKEN_UNDECRYPTABLE);
            assertThat(refusal.detail()).isEqualTo("The token cannot be decrypted.");
            assertThat(refusal).hasNoCause();
        }
    }

    @Test
    void authenticatesTheHeaderAsItWasWritten() throws GeneralSecurityException {
        String token = Tokens.encrypted(HEADER, PAYLOAD, Tokens.oaep256(fromPem(KEY)));
        String sameMembers = Tokens.encode("{\"alg\":\"RSA-OAEP-256\", \"enc\":\"A256GCM\"}");

        assertThat(Tokens.refusal(() -> KEY.decrypt(read(Tokens.with(token, 0, sameMembers)))).reason())
                .isEqualTo(DenyReason.TOKEN_UNDECRYPTABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s3cret-key", "s3cret!", "czNjcmV0LWtleQ==", "AAAA"})
    void refusesInvalidTextWithoutQuotingIt(String encoded) {
        Throwable thrown = catchThrowable(() -> DecryptionKey.decode(encoded));

        assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasNoCause();
        assertThat(String.valueOf(thrown.getMessage())).doesNotContain("s3cret").doesNotContain("czNjcmV0");
    }

    @Test
    void refusesAKeyOfAnotherType() {
        for (byte[] key : List.of(Tokens.ec("secp256r1").getPrivate().getEncoded(),
                Tokens.ed25519().getPrivate().getEncoded(), Tokens.rsa(2048).getPublic().getEncoded())) {
            String encoded = Base64.getEncoder().encodeToString(key);
            Throwable thrown = catchThrowable(() -> DecryptionKey.decode(encoded));

            assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasNoCause();
        }
    }
}
