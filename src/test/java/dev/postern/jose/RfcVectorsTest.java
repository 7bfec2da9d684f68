package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.nimbusds.jose.jwk.JWK;
import dev.postern.access.DenyReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The examples of the RFCs that define these tokens, and tokens that another implementation has encrypted. */
class RfcVectorsTest {
    private static final Vectors VECTORS = vectors();
    private static final DecryptionKey DECRYPTION_KEY = DecryptionKey.generate(2048);

    record Vectors(List<Verified> verified, List<Refused> refused, List<Decrypted> decrypted) {}

    /** @param key as JWK */
    record Verified(String from, String alg, JsonNode key, String token) {
        @Override
        public String toString() {
            return from;
        }
    }

    /** @param contentKey the key that the content is encrypted with, if that is with A256GCM */
    record Refused(String from, String token, @Nullable String contentKey) {
        @Override
        public String toString() {
            return from;
        }
    }

    /** @param key PKCS #8 in base64, made for this file and used nowhere else */
    record Decrypted(String by, String key, String token, String payload) {
        @Override
        public String toString() {
            return by;
        }
    }

    private static Vectors vectors() {
        try (InputStream file = Objects.requireNonNull(RfcVectorsTest.class.getResourceAsStream("vectors.json"))) {
            return JsonMapper.shared().readValue(file, Vectors.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static List<Verified> verified() {
        return VECTORS.verified();
    }

    static Stream<Refused> encryptedByA256Gcm() {
        return VECTORS.refused().stream().filter(vector -> vector.contentKey() != null);
    }

    static List<Decrypted> decrypted() {
        return VECTORS.decrypted();
    }

    @ParameterizedTest
    @MethodSource("verified")
    void verifiesTheSignature(Verified vector) {
        CompactToken.Signed token = read(vector.token());

        assertThatNoException().isThrownBy(() -> key(vector).verify(token));
        assertThat(token.header().algorithm()).isEqualTo(vector.alg());
        assertThat(token.payload()).isEqualTo(Tokens.decode(Tokens.part(vector.token(), 1)));
    }

    @Test
    void readsTheHeaderAndTheClaimsOfTheFirstExample() {
        CompactToken.Signed token = read(VECTORS.verified().getFirst().token());
        Claims claims = Claims.read(token.payload());

        assertThat(token.header())
                .isEqualTo(new JoseHeader("HS256", Optional.empty(), Optional.empty(), Optional.of("jwt")));
        assertThat(claims.requireString("iss")).isEqualTo("joe");
        assertThat(claims.requireTime("exp")).isEqualTo("2011-03-22T18:43:00Z");
    }

    @ParameterizedTest
    @MethodSource("verified")
    void refusesAPayloadWithOneChangedBit(Verified vector) {
        VerificationKey key = key(vector);
        for (String changed : withOneBitChanged(vector.token(), 1)) {
            assertThat(reason(() -> key.verify(read(changed)))).isEqualTo(DenyReason.TOKEN_SIGNATURE_INVALID);
        }
    }

    @ParameterizedTest
    @MethodSource("verified")
    void refusesASignatureWithOneChangedBit(Verified vector) {
        VerificationKey key = key(vector);
        for (String changed : withOneBitChanged(vector.token(), 2)) {
            assertThat(reason(() -> key.verify(read(changed)))).isEqualTo(DenyReason.TOKEN_SIGNATURE_INVALID);
        }
    }

    @ParameterizedTest
    @MethodSource("verified")
    void refusesAHeaderWithOneChangedBit(Verified vector) {
        VerificationKey key = key(vector);
        for (String changed : withOneBitChanged(vector.token(), 0)) {
            // A changed bit may break the JSON, change the name or the value of alg, or change only what is signed.
            assertThat(reason(() -> key.verify(read(changed)))).isIn(DenyReason.TOKEN_MALFORMED,
                    DenyReason.TOKEN_ALGORITHM_REFUSED, DenyReason.TOKEN_SIGNATURE_INVALID);
        }
    }

    /** For each byte of the part, the token with one bit of this byte changed. */
    private static List<String> withOneBitChanged(String token, int part) {
        int length = Tokens.decode(Tokens.part(token, part)).length;
        return Stream.iterate(0, i -> i < length, i -> i + 1).map(i -> {
            byte[] changed = Tokens.decode(Tokens.part(token, part));
            changed[i] ^= (byte) (1 << (i % 8));
            return Tokens.with(token, part, Tokens.encode(changed));
        }).toList();
    }

    @ParameterizedTest
    @MethodSource("verified")
    void refusesTheSignatureUnderTheKeyOfEveryOtherExample(Verified vector) {
        CompactToken.Signed token = read(vector.token());
        for (Verified other : VECTORS.verified()) {
            // Two examples share an RSA key and differ in the algorithm.
            if (!other.key().equals(vector.key()) || !other.alg().equals(vector.alg())) {
                assertThat(reason(() -> key(other).verify(token))).as(other.from())
                        .isEqualTo(other.alg().equals(vector.alg())
                                ? DenyReason.TOKEN_SIGNATURE_INVALID
                                : DenyReason.TOKEN_ALGORITHM_REFUSED);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            RFC 7515, A.5 | none               | -             | token_algorithm_refused
            RFC 7516, A.1 | RSA-OAEP           | A256GCM       | token_algorithm_refused
            # AES-CBC has a longer initialization vector than AES-GCM
            RFC 7516, A.2 | RSA1_5             | A128CBC-HS256 | token_malformed
            RFC 7516, A.3 | A128KW             | A128CBC-HS256 | token_malformed
            RFC 7520, 5.1 | RSA1_5             | A128CBC-HS256 | token_malformed
            RFC 7520, 5.2 | RSA-OAEP           | A256GCM       | token_algorithm_refused
            # p2s, epk and zip are refused whatever the algorithm
            RFC 7520, 5.3 | PBES2-HS512+A256KW | A128CBC-HS256 | token_header_refused
            RFC 7520, 5.4 | ECDH-ES+A128KW     | A128GCM       | token_header_refused
            RFC 7520, 5.5 | ECDH-ES            | A128CBC-HS256 | token_header_refused
            RFC 7520, 5.6 | dir                | A128GCM       | token_algorithm_refused
            RFC 7520, 5.7 | A256GCMKW          | A128CBC-HS256 | token_malformed
            RFC 7520, 5.8 | A128KW             | A128GCM       | token_algorithm_refused
            RFC 7520, 5.9 | A128KW             | A128GCM       | token_header_refused
            """)
    void refusesOtherAlgorithms(String from, String alg, String enc, String reason) {
        String token = VECTORS.refused().stream().filter(vector -> vector.from().equals(from)).findFirst()
                .orElseThrow().token();
        JsonNode header = JsonMapper.shared().readTree(Tokens.decode(Tokens.part(token, 0)));

        assertThat(header.path("alg").asString()).isEqualTo(alg);
        assertThat(header.path("enc").asString("-")).isEqualTo(enc);
        assertThat(reason(() -> accept(token)).word()).isEqualTo(reason);
        if (reason.equals("token_malformed")) {
            // Its size is not the only reason to refuse the token: its algorithm is refused, too.
            JoseHeader read = JoseHeader.read(Tokens.decode(Tokens.part(token, 0)));
            assertThat(reason(() -> DecryptionKey.requireAlgorithms(read)))
                    .isEqualTo(DenyReason.TOKEN_ALGORITHM_REFUSED);
        }
    }

    @Test
    void accountsForEveryRefusedExample() {
        assertThat(VECTORS.refused()).hasSize(13);
    }

    private static void accept(String token) {
        switch (CompactToken.read(token)) {
            case CompactToken.Signed signed -> VECTORS.verified().stream().map(RfcVectorsTest::key)
                    .forEach(key -> key.verify(signed));
            case CompactToken.Encrypted encrypted -> DECRYPTION_KEY.requireFit(encrypted);
        }
    }

    @ParameterizedTest
    @MethodSource("encryptedByA256Gcm")
    void decryptsExamplesWithAReencryptedKey(Refused vector) throws GeneralSecurityException {
        // The RFCs have no example of RSA-OAEP-256, but they have examples of how the content is encrypted.
        String[] parts = vector.token().split("\\.", -1);
        String contentKey = Objects.requireNonNull(vector.contentKey());
        CompactToken.Encrypted token = new CompactToken.Encrypted(
                new JoseHeader("RSA-OAEP-256", Optional.of("A256GCM"), Optional.empty(), Optional.empty()), parts[0],
                Tokens.encode(Tokens.oaep256(publicKey(DECRYPTION_KEY)).wrap(Tokens.decode(contentKey))), parts[2],
                parts[3], parts[4]);

        assertThat(new String(DECRYPTION_KEY.decrypt(token), StandardCharsets.UTF_8)).isIn(
                "The true sign of intelligence is not knowledge but imagination.",
                "You can trust us to stick with you through thick and thin\u2013to the bitter end. And you can trust us "
                        + "to keep any secret of yours\u2013closer than you keep it yourself. But you cannot trust us "
                        + "to let you face trouble alone, and go off without a word. We are your friends, Frodo.");
    }

    private static PublicKey publicKey(DecryptionKey key) throws GeneralSecurityException {
        String pem = key.publicPem().replaceAll("-----[A-Z ]+-----", "");
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getMimeDecoder()
                .decode(pem)));
    }

    @ParameterizedTest
    @MethodSource("decrypted")
    void decryptsWhatAnotherImplementationEncrypted(Decrypted vector) {
        CompactToken.Encrypted token = (CompactToken.Encrypted) CompactToken.read(vector.token());

        assertThat(new String(DecryptionKey.decode(vector.key()).decrypt(token), StandardCharsets.UTF_8))
                .isEqualTo(vector.payload());
    }

    @ParameterizedTest
    @MethodSource("decrypted")
    void refusesToDecryptATokenWithOneChangedBit(Decrypted vector) {
        DecryptionKey key = DecryptionKey.decode(vector.key());
        for (int part = 1; part <= 4; part++) {
            byte[] changed = Tokens.decode(Tokens.part(vector.token(), part));
            changed[changed.length / 2] ^= 1;
            String token = Tokens.with(vector.token(), part, Tokens.encode(changed));

            assertThat(reason(() -> key.decrypt((CompactToken.Encrypted) CompactToken.read(token))))
                    .isEqualTo(DenyReason.TOKEN_UNDECRYPTABLE);
        }
    }

    private static CompactToken.Signed read(String token) {
        return (CompactToken.Signed) CompactToken.read(token);
    }

    private static VerificationKey key(Verified vector) {
        if (vector.key().path("kty").asString().equals("oct")) {
            return VerificationKey.ofSecret(Tokens.decode(vector.key().path("k").asString()));
        }
        try {
            return VerificationKey.ofPublic(JWK.parse(vector.key().toString()), List.of(vector.alg()));
        } catch (ParseException notAKey) {
            throw new IllegalStateException(notAKey);
        }
    }

    private static DenyReason reason(ThrowingCallable refused) {
        return Tokens.refusal(refused).reason();
    }
}
