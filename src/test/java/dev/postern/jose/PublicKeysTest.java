package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PublicKeysTest {
    private static final KeyPair RSA = Tokens.rsa(2048);
    private static final KeyPair EC = Tokens.ec("secp256r1");
    private static final KeyPair ED25519 = Tokens.ed25519();
    private static final String PAYLOAD = "{\"sub\":\"lamp-1\"}";

    /** @param says a text that the error message contains */
    record Unusable(String name, String key, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Reads a key as the gate does when a client registers it. */
    private static VerificationKey register(String key) {
        return VerificationKey.ofPublic(PublicKeys.read(key), PublicKeys.REGISTERED);
    }

    @Test
    void readsEachKindOfKeyAsPemAndAsJwk() {
        for (PublicKey key : List.of(RSA.getPublic(), EC.getPublic(), ED25519.getPublic())) {
            String pem = Tokens.pem(key, "PUBLIC KEY");
            JWK jwk = Tokens.jwk(key);

            assertThat(PublicKeys.read(pem)).isEqualTo(jwk);
            assertThat(PublicKeys.read(pem.replace("\n", "\r\n"))).isEqualTo(jwk);
            assertThat(PublicKeys.read("\n  " + pem.strip())).isEqualTo(jwk);
            assertThat(PublicKeys.read(jwk.toJSONString())).isEqualTo(jwk);
            assertThat(PublicKeys.read("\n " + jwk.toJSONString() + "\n")).isEqualTo(jwk);
        }
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource(textBlock = """
            RSA, '',      RS256
            RSA, RS256,   RS256
            RSA, PS256,   PS256
            EC,  '',      ES256
            EC,  ES256,   ES256
            OKP, '',      EdDSA
            OKP, EdDSA,   EdDSA
            OKP, Ed25519, EdDSA
            """)
    void takesAKeyForTheAlgorithmThatItNamesOrForTheFirstThatFits(String kind, String named, String algorithm) {
        KeyPair pair = kind.equals("RSA") ? RSA : kind.equals("EC") ? EC : ED25519;
        VerificationKey key = register(with(pair.getPublic(), named.isEmpty() ? "" : "\"alg\":\"" + named + "\""));

        assertThat(key.algorithm()).isEqualTo(algorithm);
        assertThat(key.isCostly()).isEqualTo(!kind.equals("RSA"));
        assertThatNoException().isThrownBy(() -> key.verify((CompactToken.Signed) CompactToken.read(
                Tokens.signed("{\"alg\":\"" + algorithm + "\"}", PAYLOAD, switch (algorithm) {
                    case "RS256" -> Tokens.by("SHA256withRSA", RSA.getPrivate());
                    case "PS256" -> Tokens.pss(RSA.getPrivate());
                    case "ES256" -> Tokens.ecdsa(EC.getPrivate());
                    default -> Tokens.by("Ed25519", ED25519.getPrivate());
                }))));
    }

    @ParameterizedTest
    @CsvSource({"EdDSA, EdDSA", "EdDSA, Ed25519", "Ed25519, EdDSA", "Ed25519, Ed25519"})
    void acceptsBothNamesOfEd25519(String accepted, String inToken) {
        VerificationKey key = VerificationKey.ofPublic(Tokens.jwk(ED25519.getPublic()), List.of(accepted));

        assertThatNoException().isThrownBy(() -> key.verify((CompactToken.Signed) CompactToken.read(Tokens.signed(
                "{\"alg\":\"" + inToken + "\"}", PAYLOAD, Tokens.by("Ed25519", ED25519.getPrivate())))));
    }

    @Test
    void acceptsAKeyForSignatures() {
        assertThatNoException().isThrownBy(() -> register(with(EC.getPublic(), "\"use\":\"sig\"")));
        assertThatNoException().isThrownBy(() -> register(with(EC.getPublic(), "\"key_ops\":[\"verify\"]")));
        assertThatNoException()
                .isThrownBy(() -> register(with(EC.getPublic(), "\"kid\":\"one\",\"unknown\":{\"x\":[1]}")));
    }

    @Test
    void acceptsRsaKeysOf2048To4096BitsEvenWithALeadingZero() {
        for (int bits : List.of(2048, 3072, 4096)) {
            BigInteger modulus = modulus(bits);

            assertThatNoException().isThrownBy(() -> register(rsa(modulus.toByteArray(), BigInteger.valueOf(65537))));
            assertThatNoException().isThrownBy(() -> register(rsa(modulus.toByteArray(), BigInteger.valueOf(3))));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unusable")
    void refusesAnInvalidOrWeakKeyWithoutQuotingIt(Unusable unusable) {
        Throwable thrown = catchThrowable(() -> register(unusable.key()));

        assertThat(thrown).isExactlyInstanceOf(IllegalArgumentException.class).hasNoCause()
                .hasMessageContaining(unusable.says());
        String message = String.valueOf(thrown.getMessage());
        for (int i = 0; i + 8 < message.length(); i++) {
            String piece = message.substring(i, i + 9);
            assertThat("-----BEGIN PUBLIC KEY----- P-256 Ed25519 ".contains(piece) || !unusable.key().contains(piece))
                    .as("'%s' of '%s'", piece, message).isTrue();
        }
    }

    static List<Unusable> unusable() {
        List<Unusable> keys = new ArrayList<>();
        rsa(keys);
        otherKinds(keys);
        otherPurposes(keys);
        broken(keys);
        return keys;
    }

    private static void rsa(List<Unusable> keys) {
        BigInteger f4 = BigInteger.valueOf(65537);
        for (int bits : List.of(512, 1024, 2040, 2047, 4097, 8192)) {
            keys.add(new Unusable("RSA of " + bits + " bits", rsa(unsigned(modulus(bits)), f4), "bits"));
        }
        for (int bits : List.of(512, 1024)) {
            keys.add(new Unusable("RSA of " + bits + " bits with zeros before them",
                    rsa(concat(new byte[256 - bits / 8], unsigned(modulus(bits))), f4), "bits"));
            keys.add(new Unusable("RSA of " + bits + " bits as PEM",
                    Tokens.pem(Tokens.rsa(bits).getPublic(), "PUBLIC KEY"), "bits"));
        }
        keys.add(new Unusable("RSA of no bits", rsa(new byte[256], f4), ""));
        keys.add(new Unusable("an even modulus", rsa(unsigned(modulus(2048).clearBit(0)), f4), "modulus"));
        for (String exponent : List.of("0", "1", "2", "4", "65536")) {
            keys.add(new Unusable("the exponent " + exponent,
                    rsa(unsigned(modulus(2048)), new BigInteger(exponent)), "exponent"));
        }
        // With a long exponent, a verification takes as long as a signature.
        for (int bits : List.of(65, 256, 2047)) {
            keys.add(new Unusable("an exponent of " + bits + " bits", rsa(unsigned(modulus(2048)), modulus(bits)),
                    "exponent"));
        }
        keys.add(new Unusable("an exponent as long as the modulus", rsa(unsigned(modulus(2048)), modulus(2048)),
                "exponent"));
    }

    /** An odd number of this many bits. Here, it need not be a product of two primes. */
    private static BigInteger modulus(int bits) {
        return BigInteger.TWO.pow(bits).subtract(BigInteger.valueOf(12_345));
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 && bytes.length > 1 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static String rsa(byte[] modulus, BigInteger exponent) {
        return "{\"kty\":\"RSA\",\"n\":\"" + Tokens.encode(modulus) + "\",\"e\":\"" + Tokens.encode(unsigned(exponent))
                + "\"}";
    }

    private static void otherKinds(List<Unusable> keys) {
        keys.add(new Unusable("a secret", "{\"kty\":\"oct\",\"k\":\"" + Tokens.encode(Tokens.bytes(32, 1)) + "\"}",
                "public"));
        for (String curve : List.of("secp384r1", "secp521r1")) {
            PublicKey key = Tokens.ec(curve).getPublic();
            keys.add(new Unusable(curve, Tokens.jwk(key).toJSONString(), "fits none"));
            keys.add(new Unusable(curve + " as PEM", Tokens.pem(key, "PUBLIC KEY"), "fits none"));
        }
        ECKey ec = (ECKey) Tokens.jwk(EC.getPublic());
        for (String curve : List.of("secp256k1", "P-384", "Ed25519", "P-257", "")) {
            keys.add(new Unusable("the point on another curve " + curve,
                    "{\"kty\":\"EC\",\"crv\":\"" + curve + "\",\"x\":\"" + ec.getX() + "\",\"y\":\"" + ec.getY()
                            + "\"}",
                    ""));
        }
        for (String y : List.of(ec.getX().toString(), "AA", "AQ", "", Tokens.encode(new byte[32]),
                Tokens.encode(Tokens.bytes(32, 255)))) {
            keys.add(new Unusable("a point that is not on the curve: " + y, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
                    + ec.getX() + "\",\"y\":\"" + y + "\"}", "is not a JWK"));
        }
        keys.add(new Unusable("the point zero", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
                "is not a JWK"));
        for (String curve : List.of("X25519", "Ed448", "X448")) {
            keys.add(new Unusable("OKP of " + curve, okp(curve, Tokens.bytes(32, 9)), "fits none"));
        }
        keys.add(new Unusable("OKP of P-256", okp("P-256", Tokens.bytes(32, 9)), "is not a JWK"));
        for (int length : List.of(0, 1, 31, 33, 57)) {
            keys.add(new Unusable("Ed25519 of " + length + " bytes", okp("Ed25519", Tokens.bytes(length, 9)), ""));
        }
        smallOrder(keys);
    }

    private static void smallOrder(List<Unusable> keys) {
        // With these keys, anybody can make signatures: of every text, or of one text in a few. The numbers belong to
        // the points of order 8, 4, 2 and 1; for 0 and 1, there is also the spelling with the prime added.
        BigInteger prime = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
        BigInteger orderEight = new BigInteger(
                "2707385501144840649318225287225658788936804267575313519463743609750303021");
        for (BigInteger y : List.of(BigInteger.ZERO, BigInteger.ONE, prime.subtract(BigInteger.ONE), prime,
                prime.add(BigInteger.ONE), orderEight, prime.subtract(orderEight))) {
            for (boolean signed : List.of(false, true)) {
                byte[] point = new byte[32];
                byte[] number = unsigned(y);
                for (int i = 0; i < number.length; i++) {
                    point[i] = number[number.length - 1 - i];
                }
                point[31] |= (byte) (signed ? 0x80 : 0);
                keys.add(new Unusable("Ed25519 of small order " + y + (signed ? ", negative" : ""),
                        okp("Ed25519", point), "small order"));
            }
        }
    }

    private static String okp(String curve, byte[] point) {
        return "{\"kty\":\"OKP\",\"crv\":\"" + curve + "\",\"x\":\"" + Tokens.encode(point) + "\"}";
    }

    private static void otherPurposes(List<Unusable> keys) {
        for (KeyPair pair : List.of(RSA, EC, ED25519)) {
            for (String alg : List.of("none", "HS256", "RS512", "PS384", "ES384", "RSA-OAEP-256", "ECDH-ES", "rs256",
                    "")) {
                keys.add(new Unusable(pair.getPublic().getAlgorithm() + " for " + alg,
                        with(pair.getPublic(), "\"alg\":\"" + alg + "\""), ""));
            }
            keys.add(new Unusable(pair.getPublic().getAlgorithm() + " for encryption",
                    with(pair.getPublic(), "\"use\":\"enc\""), "not for signatures"));
            keys.add(new Unusable(pair.getPublic().getAlgorithm() + " for other operations",
                    with(pair.getPublic(), "\"key_ops\":[\"encrypt\",\"wrapKey\"]"), "not for signatures"));
            for (String kind : List.of("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")) {
                keys.add(new Unusable(pair.getPublic().getAlgorithm() + ", " + kind,
                        Tokens.pem(pair.getPrivate(), kind), "-----BEGIN PUBLIC KEY-----"));
            }
            keys.add(new Unusable(pair.getPublic().getAlgorithm() + ", private, that calls itself public",
                    Tokens.pem(pair.getPrivate(), "PUBLIC KEY"), "is not PEM"));
        }
        keys.add(new Unusable("RSA, private",
                new RSAKey.Builder((RSAPublicKey) RSA.getPublic()).privateKey(RSA.getPrivate()).build().toJSONString(),
                "not public"));
        keys.add(new Unusable("EC, private", new ECKey.Builder(Curve.P_256,
                (ECPublicKey) EC.getPublic()).privateKey(EC.getPrivate()).build().toJSONString(), "not public"));
        byte[] encoded = ED25519.getPrivate().getEncoded();
        keys.add(new Unusable("Ed25519, private", new OctetKeyPair.Builder((OctetKeyPair) Tokens
                .jwk(ED25519.getPublic())).d(Base64URL.encode(Arrays.copyOfRange(encoded,
                        encoded.length - 32, encoded.length)))
                .build().toJSONString(), "not public"));
    }

    private static String with(PublicKey key, String members) {
        String jwk = Tokens.jwk(key).toJSONString();
        return members.isEmpty() ? jwk : "{" + members + "," + jwk.substring(1);
    }

    private static void broken(List<Unusable> keys) {
        String begin = "-----BEGIN PUBLIC KEY-----";
        String end = "-----END PUBLIC KEY-----";
        String pem = Tokens.pem(ED25519.getPublic(), "PUBLIC KEY");
        for (String text : List.of("", " ", "s3cret-key", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", begin, end,
                Tokens.pem(RSA.getPublic(), "RSA PUBLIC KEY"), Tokens.pem(RSA.getPublic(), "CERTIFICATE"),
                "x" + pem, pem + "x", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAA", "[]")) {
            keys.add(new Unusable("neither JWK nor PEM: " + shown(text), text, "neither a JWK nor PEM"));
        }
        // The first and the last line share their hyphens.
        keys.add(new Unusable("PEM with nothing in it, and less", begin + "END PUBLIC KEY-----", "PEM"));
        for (String text : List.of(begin + end, begin + "\n" + end, begin + "\nAAAA\n" + end, begin + "\n!\n" + end,
                begin + "\ns3cret-key\n" + end, begin + "\n" + "A".repeat(4000) + "\n" + end,
                pem + pem, pem + Tokens.pem(RSA.getPublic(), "PUBLIC KEY"))) {
            keys.add(new Unusable("PEM of something else: " + shown(text), text, "is not PEM"));
        }
        for (PublicKey key : List.of(RSA.getPublic(), EC.getPublic(), ED25519.getPublic())) {
            for (int more : List.of(1, 32)) {
                byte[] longer = Arrays.copyOf(key.getEncoded(), key.getEncoded().length + more);
                keys.add(new Unusable(more + " bytes behind " + key.getAlgorithm(),
                        begin + "\n" + Base64.getEncoder().encodeToString(longer) + "\n" + end, "is not PEM"));
            }
            keys.add(new Unusable("a byte less than " + key.getAlgorithm(), begin + "\n" + Base64.getEncoder()
                    .encodeToString(Arrays.copyOf(key.getEncoded(), key.getEncoded().length - 1)) + "\n" + end,
                    "is not PEM"));
        }
        for (String text : List.of("{", "{}", "{\"kty\":\"RSA\"}", "{\"kty\":\"XYZ\"}", "{\"kty\":1}",
                "{\"kty\":null}", "{\"keys\":[]}", "{\"keys\":[" + Tokens.jwk(EC.getPublic()) + "]}",
                "{\"kty\":\"RSA\",\"n\":\"s3cret-key\"}", "{\"kty\":\"RSA\",\"n\":1,\"e\":\"AQAB\"}",
                "{\"x\":".repeat(1600), "{\"x\":" + "[".repeat(8000), "{\"x\":" + "[".repeat(3000) + "]".repeat(3000)
                        + "}",
                Tokens.jwk(EC.getPublic()) + "x")) {
            keys.add(new Unusable("no JWK: " + shown(text), text, "is not a JWK"));
        }
        keys.add(new Unusable("a long text", "{\"x\":\"" + "x".repeat(8192) + "\"}", "8192"));
    }

    private static String shown(String text) {
        String oneLine = text.replaceAll("[^ -~]", " ");
        return oneLine.length() > 60 ? oneLine.substring(0, 60) + "..." : oneLine;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void refusesASecretShorterThan32Bytes() {
        assertThatIllegalArgumentException().isThrownBy(() -> VerificationKey.ofSecret(new byte[31]))
                .withMessageContaining("32");
        assertThatIllegalArgumentException().isThrownBy(() -> VerificationKey.ofSecret(new byte[0]));

        VerificationKey key = VerificationKey.ofSecret(Tokens.bytes(32, 1));
        assertThat(key.algorithm()).isEqualTo("HS256");
        assertThat(key.isCostly()).isFalse();
    }
}
