package dev.postern.jose;

import static dev.postern.access.DenyReason.TOKEN_ALGORITHM_REFUSED;
import static dev.postern.access.DenyReason.TOKEN_CLAIM_INVALID;
import static dev.postern.access.DenyReason.TOKEN_EXPIRED;
import static dev.postern.access.DenyReason.TOKEN_HEADER_REFUSED;
import static dev.postern.access.DenyReason.TOKEN_LIFETIME_TOO_LONG;
import static dev.postern.access.DenyReason.TOKEN_MALFORMED;
import static dev.postern.access.DenyReason.TOKEN_NOT_YET_VALID;
import static dev.postern.access.DenyReason.TOKEN_SIGNATURE_INVALID;
import static dev.postern.access.DenyReason.TOKEN_UNDECRYPTABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.postern.access.DenyReason;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokens as attackers send them. Each is checked completely, and is refused with the reason in its row of the table.
 */
class HostileTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final long NOW_SECONDS = NOW.getEpochSecond();
    private static final TokenTimes TIMES = new TokenTimes(Duration.ofMinutes(1), Duration.ofHours(1));
    /** Is in every token, and must not be in what is logged. */
    private static final String MARK = "s3cret-mark";
    private static final String CLAIMS = claims("\"exp\":" + (NOW_SECONDS + 600));

    private static final byte[] SECRET = Tokens.bytes(32, 3);
    private static final KeyPair RSA = Tokens.rsa(2048);
    private static final KeyPair OTHER_RSA = Tokens.rsa(2048);
    private static final KeyPair EC = Tokens.ec("secp256r1");
    private static final KeyPair ED25519 = Tokens.ed25519();

    private static final VerificationKey HS256 = VerificationKey.ofSecret(SECRET);
    private static final VerificationKey RS256 = key(RSA, "RS256");
    private static final VerificationKey PS256 = key(RSA, "PS256");
    private static final VerificationKey ES256 = key(EC, "ES256");
    private static final VerificationKey EDDSA = key(ED25519, "EdDSA");
    private static final DecryptionKey DECRYPTION_KEY = DecryptionKey.generate(2048);
    private static final PublicKey ENCRYPTION_KEY = encryptionKey();

    private static final BigInteger EC_ORDER = new BigInteger(
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final BigInteger ED25519_ORDER = BigInteger.TWO.pow(252)
            .add(new BigInteger("27742317777372353535851937790883648493"));

    private static final List<Attack> GOOD = good();
    private static final List<Attack> ATTACKS = attacks();

    /** @param key that the token is presented to, if it is signed */
    record Attack(String name, DenyReason reason, String token, VerificationKey key) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static VerificationKey key(KeyPair pair, String algorithm) {
        return VerificationKey.ofPublic(Tokens.jwk(pair.getPublic()), List.of(algorithm));
    }

    private static PublicKey encryptionKey() {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getMimeDecoder()
                    .decode(DECRYPTION_KEY.publicPem().replaceAll("-----[A-Z ]+-----", ""))));
        } catch (InvalidKeySpecException | NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String claims(String members) {
        return "{\"sub\":\"" + MARK + "\"" + (members.isEmpty() ? "" : "," + members) + "}";
    }

    /** Checks a token completely, from its text to its times. */
    private static void present(String token, VerificationKey key) {
        byte[] payload = switch (CompactToken.read(token)) {
            case CompactToken.Signed signed -> {
                signed.header().requireType(Set.of("jwt", "at+jwt"), false);
                key.verify(signed);
                yield signed.payload();
            }
            case CompactToken.Encrypted encrypted -> {
                encrypted.header().requireType(Set.of("jwt"), false);
                yield DECRYPTION_KEY.decrypt(encrypted);
            }
        };
        Claims claims = Claims.read(payload);
        claims.requireString("sub");
        TIMES.check(claims, NOW);
    }

    /** Good tokens, which the attacks are made from. */
    private static List<Attack> good() {
        String header = "\",\"kid\":\"" + MARK + "\"}";
        return List.of(
                good("HS256", Tokens.signed("{\"alg\":\"HS256" + header, CLAIMS, Tokens.hmac(SECRET)), HS256),
                good("RS256", Tokens.signed("{\"alg\":\"RS256" + header, CLAIMS, rs256(RSA)), RS256),
                good("PS256", Tokens.signed("{\"alg\":\"PS256" + header, CLAIMS, Tokens.pss(RSA.getPrivate())),
                        PS256),
                good("ES256", Tokens.signed("{\"alg\":\"ES256" + header, CLAIMS, Tokens.ecdsa(EC.getPrivate())),
                        ES256),
                good("EdDSA", Tokens.signed("{\"alg\":\"EdDSA" + header, CLAIMS, ed25519()), EDDSA),
                good("Ed25519", Tokens.signed("{\"alg\":\"Ed25519" + header, CLAIMS, ed25519()), EDDSA),
                good("RSA-OAEP-256", jwe("{\"enc\":\"A256GCM\",\"alg\":\"RSA-OAEP-256" + header), HS256));
    }

    private static Attack good(String name, String token, VerificationKey key) {
        return new Attack(name, DenyReason.INTERNAL_ERROR, token, key);
    }

    private static Tokens.Signer rs256(KeyPair pair) {
        return Tokens.by("SHA256withRSA", pair.getPrivate());
    }

    private static Tokens.Signer ed25519() {
        return Tokens.by("Ed25519", ED25519.getPrivate());
    }

    private static String jwe(String header) {
        return Tokens.encrypted(header, CLAIMS, Tokens.oaep256(ENCRYPTION_KEY));
    }

    @BeforeAll
    static void takesTheTokensThatTheAttacksAreMadeFrom() {
        for (Attack good : GOOD) {
            assertThatNoException().as(good.name()).isThrownBy(() -> present(good.token(), good.key()));
        }
    }

    static List<Attack> attacks() {
        List<Attack> attacks = new ArrayList<>();
        algorithms(attacks);
        broughtKeys(attacks);
        headers(attacks);
        forms(attacks);
        signatures(attacks);
        encryption(attacks);
        payloads(attacks);
        times(attacks);
        return List.copyOf(attacks);
    }

    /**
     * A token with this header and good claims, correctly signed with the key of HS256, so that only the header is
     * wrong.
     */
    private static Attack header(String name, DenyReason reason, String header) {
        return new Attack(name + ": " + shown(header), reason, Tokens.signed(header, CLAIMS, Tokens.hmac(SECRET)),
                HS256);
    }

    private static String shown(String text) {
        String oneLine = text.replaceAll("[^ -~]", "?");
        return oneLine.length() > 60 ? oneLine.substring(0, 60) + "..." : oneLine;
    }

    private static void algorithms(List<Attack> attacks) {
        for (String none : List.of("none", "None", "NONE", "nOnE", "", "null", " HS256", "HS256 ", "hs256",
                "HS256\\u0000", "\uff28S256", "HS384", "HS512", "RS256", "A256GCM", "dir")) {
            String header = "{\"alg\":\"" + none + "\",\"kid\":\"" + MARK + "\"}";
            attacks.add(header("another algorithm", TOKEN_ALGORITHM_REFUSED, header));
            String unsigned = Tokens.encode(header) + "." + Tokens.encode(CLAIMS) + ".";
            for (VerificationKey key : List.of(HS256, ES256, EDDSA)) {
                attacks.add(new Attack("no signature at all for " + key.algorithm() + ": " + shown(header),
                        TOKEN_ALGORITHM_REFUSED, unsigned, key));
            }
        }
        for (String alg : List.of("{}", "{\"typ\":\"JWT\"}", "{\"ALG\":\"HS256\"}", "{\"alg\":null}", "{\"alg\":1}",
                "{\"alg\":true}", "{\"alg\":[\"HS256\"]}", "{\"alg\":{\"HS256\":1}}",
                "{\"alg\":\"" + "H".repeat(300) + "\"}")) {
            attacks.add(header("no algorithm", TOKEN_MALFORMED, alg));
        }
        String hs256 = "{\"alg\":\"HS256\",\"kid\":\"" + MARK + "\"}";
        String pem = Tokens.pem(RSA.getPublic(), "PUBLIC KEY");
        for (String secret : List.of(pem, pem.strip(), pem.replace("\n", "\r\n"),
                Tokens.jwk(RSA.getPublic()).toJSONString())) {
            attacks.add(new Attack("HMAC with the public key " + shown(secret), TOKEN_ALGORITHM_REFUSED,
                    Tokens.signed(hs256, CLAIMS, Tokens.hmac(secret.getBytes(StandardCharsets.US_ASCII))), RS256));
        }
        attacks.add(new Attack("HMAC with the public key, DER", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed(hs256, CLAIMS, Tokens.hmac(RSA.getPublic().getEncoded())), RS256));
        attacks.add(new Attack("HMAC with the modulus", TOKEN_ALGORITHM_REFUSED, Tokens.signed(hs256, CLAIMS,
                Tokens.hmac(((RSAPublicKey) RSA.getPublic()).getModulus().toByteArray())), RS256));
        attacks.add(new Attack("HMAC that calls itself RS256", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                "{\"alg\":\"RS256\"}", CLAIMS, Tokens.hmac(RSA.getPublic().getEncoded())), RS256));
        attacks.add(new Attack("RS256 for a secret", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed("{\"alg\":\"RS256\"}", CLAIMS, rs256(RSA)), HS256));
        attacks.add(new Attack("PS256 for a key of RS256", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed("{\"alg\":\"PS256\"}", CLAIMS, Tokens.pss(RSA.getPrivate())), RS256));
        attacks.add(new Attack("PS256 that calls itself RS256", TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"RS256\"}", CLAIMS, Tokens.pss(RSA.getPrivate())), RS256));
        attacks.add(new Attack("RS256 for a key of PS256", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed("{\"alg\":\"RS256\"}", CLAIMS, rs256(RSA)), PS256));
        attacks.add(new Attack("RS512 for a key of RS256", TOKEN_ALGORITHM_REFUSED, Tokens.signed(
                "{\"alg\":\"RS512\"}", CLAIMS, Tokens.by("SHA512withRSA", RSA.getPrivate())), RS256));
        attacks.add(new Attack("RS512 that calls itself RS256", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                "{\"alg\":\"RS256\"}", CLAIMS, Tokens.by("SHA512withRSA", RSA.getPrivate())), RS256));
        attacks.add(new Attack("SHA-1 that calls itself RS256", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                "{\"alg\":\"RS256\"}", CLAIMS, Tokens.by("SHA1withRSA", RSA.getPrivate())), RS256));
        attacks.add(new Attack("ES256K for a key of ES256", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed("{\"alg\":\"ES256K\"}", CLAIMS, Tokens.ecdsa(EC.getPrivate())), ES256));
        attacks.add(new Attack("Ed448 for a key of EdDSA", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed("{\"alg\":\"Ed448\"}", CLAIMS, ed25519()), EDDSA));
    }

    private static void broughtKeys(List<Attack> attacks) {
        String jwk = Tokens.jwk(OTHER_RSA.getPublic()).toJSONString();
        for (String member : List.of("\"jwk\":" + jwk, "\"jwk\":null", "\"jku\":\"https://attacker.example/keys\"",
                "\"x5u\":\"https://attacker.example/cert\"", "\"x5c\":[\"MIIB\"]", "\"x5c\":[]",
                "\"\\u006awk\":{}")) {
            attacks.add(new Attack("brings a key: " + shown(member), TOKEN_HEADER_REFUSED, Tokens.signed(
                    "{\"alg\":\"RS256\"," + member + "}", CLAIMS, rs256(OTHER_RSA)), RS256));
        }
        attacks.add(new Attack("signed with another key", TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"RS256\"}", CLAIMS, rs256(OTHER_RSA)), RS256));
        attacks.add(new Attack("signed with another secret", TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"HS256\"}", CLAIMS, Tokens.hmac(Tokens.bytes(32, 4))), HS256));
    }

    private static void headers(List<Attack> attacks) {
        for (String member : List.of("\"crit\":[\"exp\"]", "\"crit\":[\"x\"],\"x\":1", "\"crit\":[]", "\"crit\":null",
                "\"crit\":\"alg\"", "\"b64\":false", "\"b64\":true", "\"b64\":false,\"crit\":[\"b64\"]",
                "\"zip\":\"DEF\"", "\"zip\":\"none\"", "\"cty\":\"JWT\"", "\"epk\":{}", "\"p2s\":\"AAAA\"",
                "\"p2c\":2147483647", "\"typ\":\"secevent+jwt\"", "\"typ\":\"\"", "\"typ\":\"application/dpop+jwt\"",
                "\"typ\":\"application/application/jwt\"", "\"typ\":\" JWT\"")) {
            attacks.add(header("a member that is refused", TOKEN_HEADER_REFUSED, "{\"alg\":\"HS256\"," + member
                    + ",\"kid\":\"" + MARK + "\"}"));
        }
        for (String member : List.of("\"kid\":1", "\"kid\":null", "\"kid\":{}", "\"kid\":[\"" + MARK + "\"]",
                "\"kid\":\"" + MARK.repeat(28) + "\"", "\"typ\":1", "\"typ\":[\"JWT\"]", "\"enc\":1", "\"enc\":null",
                // the same member twice, in some cases only after its escapes are resolved
                "\"alg\":\"HS256\"", "\"alg\":\"none\"", "\"\\u0061lg\":\"none\"", "\"al\\u0067\":\"HS256\"",
                "\"kid\":\"a\",\"kid\":\"b\"", "\"kid\":\"a\",\"k\\u0069d\":\"b\"", "\"x\":{\"y\":1,\"y\":2}",
                "\"x\":[{\"y\":1,\"\\u0079\":2}]",
                // not JSON, or too long or too deep
                "\"x\":01", "\"x\":NaN", "\"x\":+1", "\"x\":.5", "\"x\":'a'", "x:1", "\"x\":1,", "\"x\":\"\t\"",
                "\"x\":\"\\x41\"", "/**/\"x\":1", "\"x\":" + "9".repeat(300), "\"x\":-" + "9".repeat(100),
                "\"x\":0." + "9".repeat(300), "\"x\":" + "[".repeat(300) + "]".repeat(300),
                "\"x\":" + "[".repeat(600), "\"x\":" + "{\"x\":".repeat(100) + "1" + "}".repeat(100))) {
            attacks.add(header("a header that is broken", TOKEN_MALFORMED, "{\"alg\":\"HS256\"," + member + "}"));
        }
        String good = "{\"alg\":\"HS256\"}";
        for (String header : List.of("[]", "[" + good + "]", "\"alg\"", "null", "1", "true", " ", "\n", "{",
                "{\"alg\":\"HS256\"", "{\"alg\":\"HS256\"]", good + "x", good + good, good + "}", good + ",",
                good + "\0",
                "\0" + good, good + "//", good + "#", ")]}'," + good, "x" + good, "\ufeff" + good, good + "\ufeff",
                "\"\":" + good, "[".repeat(10_000), "[".repeat(750))) {
            attacks.add(header("not an object", TOKEN_MALFORMED, header));
        }
        for (String charset : List.of("UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE")) {
            attacks.add(bytes(charset, good.getBytes(Charset.forName(charset))));
        }
        for (String hex : List.of("ff", "c328", "c0af", "c0a2", "e080a2", "eda080", "edb080", "f4908080", "f8a1a1a1a1",
                "c3", "80", "fe")) {
            byte[] wrong = new BigInteger(hex, 16).toByteArray();
            attacks.add(bytes("broken UTF-8 " + hex, concat("{\"alg\":\"HS256\",\"kid\":\"".getBytes(
                    StandardCharsets.US_ASCII), Arrays.copyOfRange(wrong, wrong[0] == 0 ? 1 : 0, wrong.length),
                    "\"}".getBytes(StandardCharsets.US_ASCII))));
        }
    }

    private static Attack bytes(String name, byte[] header) {
        return new Attack("a header in " + name, TOKEN_MALFORMED, Tokens.signed(header,
                CLAIMS.getBytes(StandardCharsets.UTF_8), Tokens.hmac(SECRET)), HS256);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static void forms(List<Attack> attacks) {
        for (Attack good : GOOD) {
            String[] parts = good.token().split("\\.", -1);
            for (int i = 0; i < parts.length; i++) {
                String part = parts[i];
                String cut = part.substring(0, part.length() - 1);
                List<String> broken = List.of(part + "=", part + "==", cut + "=", cut + "+", cut + "/", " " + part,
                        part + " ", part + "\n", part + "\r\n", cut + "\n", cut + "\0", cut + "\u00e9",
                        cut + "\uff21", cut + "%41", cut + "*", cut + "~", cut + "\u2028", cut + "\ud83d\udd11",
                        part + "A".repeat((5 - (part.length() % 4)) % 4), part.substring(0, 1), "A");
                for (String change : broken) {
                    attacks.add(new Attack("part " + i + " of " + good.name() + " is no base64: " + shown(change),
                            TOKEN_MALFORMED, Tokens.with(good.token(), i, change), good.key()));
                }
            }
            String token = good.token();
            for (String wrong : List.of(token + ".", "." + token, token + ".A", token + ".A.A", token + "....",
                    token.substring(token.indexOf('.') + 1), parts[0], parts[0] + "." + parts[1], "." + parts[1]
                            + "." + parts[2],
                    parts[0] + ".." + parts[2], parts[0] + "..", parts[0] + "....", " " + token, token + " ",
                    "Bearer " + token, token.replace('.', ','), token.replace('.', ':'), token + "\n" + token)) {
                attacks.add(new Attack("other parts than " + good.name() + ": " + shown(wrong), TOKEN_MALFORMED,
                        wrong, good.key()));
            }
        }
        for (String dots : List.of("", ".", "..", "...", "....", ".....", ".".repeat(8192))) {
            attacks.add(new Attack(dots.length() + " dots", TOKEN_MALFORMED, dots, HS256));
        }
        attacks.add(new Attack("a long header", TOKEN_MALFORMED, Tokens.signed("{\"alg\":\"HS256\",\"x\":\""
                + "x".repeat(750) + "\"}", CLAIMS, Tokens.hmac(SECRET)), HS256));
        attacks.add(new Attack("a long payload", TOKEN_MALFORMED, Tokens.signed("{\"alg\":\"HS256\"}", claims(
                "\"x\":\"" + "x".repeat(4600) + "\""), Tokens.hmac(SECRET)), HS256));
        attacks.add(new Attack("a long signature", TOKEN_MALFORMED, Tokens.signed("{\"alg\":\"HS256\"}", CLAIMS,
                _ -> Tokens.bytes(514, 1)), HS256));
        attacks.add(new Attack("a long ciphertext", TOKEN_MALFORMED, Tokens.encrypted(
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}", "x".repeat(4609), Tokens.oaep256(ENCRYPTION_KEY)),
                HS256));
        attacks.add(new Attack("a long encrypted key", TOKEN_MALFORMED, Tokens.encrypted(
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}", CLAIMS, _ -> Tokens.bytes(514, 1)), HS256));
    }

    private static Attack signature(String name, VerificationKey key, byte[] signature) {
        return new Attack("a signature of " + key.algorithm() + " that is " + name, TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"" + key.algorithm() + "\"}", CLAIMS, _ -> signature), key);
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] fixed = new byte[length];
        int count = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - count, fixed, length - count, count);
        return fixed;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static void signatures(List<Attack> attacks) {
        for (VerificationKey key : List.of(HS256, RS256, PS256, ES256, EDDSA)) {
            for (int length : List.of(0, 1, 16, 31, 32, 33, 63, 64, 65, 96, 128, 132, 255, 256, 257, 384, 512)) {
                attacks.add(signature(length + " zeros", key, Tokens.bytes(length, 0)));
                attacks.add(signature(length + " times 255", key, Tokens.bytes(length, 255)));
            }
        }
        BigInteger one = BigInteger.ONE;
        for (BigInteger r : List.of(BigInteger.ZERO, one, EC_ORDER, EC_ORDER.subtract(one), EC_ORDER.add(one))) {
            for (BigInteger s : List.of(BigInteger.ZERO, one, EC_ORDER, EC_ORDER.subtract(one), EC_ORDER.add(one))) {
                attacks.add(signature("r " + r.toString(16) + " and s " + s.toString(16), ES256,
                        concat(fixed(r, 32), fixed(s, 32))));
            }
        }
        String es256 = "{\"alg\":\"ES256\"}";
        attacks.add(new Attack("a signature of ES256 in DER", TOKEN_SIGNATURE_INVALID,
                Tokens.signed(es256, CLAIMS, Tokens.by("SHA256withECDSA", EC.getPrivate())), ES256));
        attacks.add(new Attack("a signature of ES256 with its halves swapped", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                es256, CLAIMS, input -> {
                    byte[] good = Tokens.ecdsa(EC.getPrivate()).sign(input);
                    return concat(Arrays.copyOfRange(good, 32, 64), Arrays.copyOf(good, 32));
                }), ES256));
        attacks.add(new Attack("a signature of ES256 with longer halves", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                es256, CLAIMS, input -> {
                    byte[] good = Tokens.ecdsa(EC.getPrivate()).sign(input);
                    return concat(new byte[1], Arrays.copyOf(good, 32), new byte[1], Arrays.copyOfRange(good, 32, 64));
                }), ES256));
        attacks.add(new Attack("a signature by a key on another curve", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                es256, CLAIMS, Tokens.ecdsa(Tokens.ec("secp384r1").getPrivate())), ES256));
        BigInteger modulus = ((RSAPublicKey) RSA.getPublic()).getModulus();
        for (VerificationKey key : List.of(RS256, PS256)) {
            for (BigInteger number : List.of(one, BigInteger.TWO, modulus.subtract(one), modulus, modulus.add(one))) {
                attacks.add(signature("a special number", key, fixed(number, 256)));
            }
        }
        attacks.add(new Attack("a signature of RS256 with a zero before it", TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"RS256\"}", CLAIMS, input -> concat(new byte[1], rs256(RSA).sign(input))),
                RS256));
        attacks.add(new Attack("a signature of HS256 cut in half", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                "{\"alg\":\"HS256\"}", CLAIMS, input -> Arrays.copyOf(Tokens.hmac(SECRET).sign(input), 16)), HS256));
        attacks.add(new Attack("a signature of HS256 and more", TOKEN_SIGNATURE_INVALID, Tokens.signed(
                "{\"alg\":\"HS256\"}", CLAIMS, input -> Arrays.copyOf(Tokens.hmac(SECRET).sign(input), 33)), HS256));
        attacks.add(new Attack("a signature of EdDSA with the order added to s", TOKEN_SIGNATURE_INVALID,
                Tokens.signed("{\"alg\":\"EdDSA\"}", CLAIMS, input -> {
                    byte[] good = ed25519().sign(input);
                    BigInteger s = new BigInteger(1, reversed(Arrays.copyOfRange(good, 32, 64)));
                    return concat(Arrays.copyOf(good, 32), reversed(fixed(s.add(ED25519_ORDER), 32)));
                }), EDDSA));
        for (int first : List.of(0, 1)) {
            // The point of order 1 and one of order 4; for a key of such an order, they would be valid signatures.
            byte[] smallOrder = new byte[64];
            smallOrder[0] = (byte) first;
            attacks.add(signature("of small order " + first, EDDSA, smallOrder));
        }
    }

    private static void encryption(List<Attack> attacks) {
        Tokens.KeyWrap oaep256 = Tokens.oaep256(ENCRYPTION_KEY);
        String good = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}";
        attacks.add(encrypted("RSA1_5", TOKEN_ALGORITHM_REFUSED, "{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}",
                Tokens.pkcs1(ENCRYPTION_KEY)));
        attacks.add(encrypted("RSA-OAEP", TOKEN_ALGORITHM_REFUSED, "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
                Tokens.oaep(ENCRYPTION_KEY, MGF1ParameterSpec.SHA1)));
        attacks.add(encrypted("RSA-OAEP-512", TOKEN_ALGORITHM_REFUSED,
                "{\"alg\":\"RSA-OAEP-512\",\"enc\":\"A256GCM\"}",
                Tokens.oaep(ENCRYPTION_KEY, MGF1ParameterSpec.SHA512)));
        attacks.add(encrypted("dir", TOKEN_ALGORITHM_REFUSED, "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}",
                _ -> new byte[0]));
        for (String alg : List.of("PBES2-HS256+A128KW", "A128KW", "A256KW", "A256GCMKW", "ECDH-ES", "ECDH-ES+A256KW",
                "none", "HS256", "", "rsa-oaep-256")) {
            attacks.add(encrypted("another algorithm " + alg, TOKEN_ALGORITHM_REFUSED,
                    "{\"alg\":\"" + alg + "\",\"enc\":\"A256GCM\"}", oaep256));
        }
        for (String enc : List.of(",\"enc\":\"A128GCM\"", ",\"enc\":\"A192GCM\"", ",\"enc\":\"A128CBC-HS256\"",
                ",\"enc\":\"A256CBC-HS512\"", ",\"enc\":\"XC20P\"", ",\"enc\":\"a256gcm\"", ",\"enc\":\"\"", "")) {
            attacks.add(encrypted("another encryption " + enc, TOKEN_ALGORITHM_REFUSED,
                    "{\"alg\":\"RSA-OAEP-256\"" + enc + "}", oaep256));
        }
        attacks.add(new Attack("A128GCM with a key of its size", TOKEN_ALGORITHM_REFUSED, Tokens.encrypted(
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128GCM\"}", CLAIMS, Tokens.bytes(16, 1), oaep256), HS256));
        for (String member : List.of("\"zip\":\"DEF\"", "\"p2s\":\"AAAAAAAAAAA\",\"p2c\":2147483647", "\"epk\":{}",
                "\"cty\":\"JWT\"", "\"crit\":[\"exp\"]", "\"jku\":\"https://attacker.example\"",
                "\"typ\":\"at+jwt\"")) {
            attacks.add(encrypted("a member that is refused: " + member, TOKEN_HEADER_REFUSED,
                    "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"," + member + "}", oaep256));
        }
        attacks.add(encrypted("OAEP of SHA-1 inside", TOKEN_UNDECRYPTABLE, good,
                Tokens.oaep(ENCRYPTION_KEY, MGF1ParameterSpec.SHA1)));
        attacks.add(encrypted("PKCS #1 inside", TOKEN_UNDECRYPTABLE, good, Tokens.pkcs1(ENCRYPTION_KEY)));
        attacks.add(encrypted("for another key", TOKEN_UNDECRYPTABLE, good, Tokens.oaep256(OTHER_RSA.getPublic())));
        attacks.add(encrypted("with another key inside", TOKEN_UNDECRYPTABLE, good,
                _ -> oaep256.wrap(Tokens.bytes(32, 8))));
        for (int length : List.of(1, 16, 24, 31, 33, 64)) {
            attacks.add(encrypted("a key of " + length + " bytes inside", TOKEN_UNDECRYPTABLE, good,
                    _ -> oaep256.wrap(Tokens.bytes(length, 7))));
        }
        for (int length : List.of(16, 24)) {
            attacks.add(new Attack("AES with a key of " + length + " bytes", TOKEN_UNDECRYPTABLE,
                    Tokens.encrypted(good, CLAIMS, Tokens.bytes(length, 7), oaep256), HS256));
        }
        for (int value : List.of(0, 1, 255)) {
            attacks.add(encrypted("an encrypted key of " + value, TOKEN_UNDECRYPTABLE, good,
                    _ -> Tokens.bytes(256, value)));
        }
        for (int length : List.of(0, 1, 32, 128, 255, 257, 384, 512)) {
            attacks.add(encrypted("an encrypted key of " + length + " bytes", TOKEN_MALFORMED, good,
                    _ -> Tokens.bytes(length, 1)));
        }
        String token = Tokens.encrypted(good, CLAIMS, oaep256);
        attacks.add(new Attack("a header put in place of another", TOKEN_UNDECRYPTABLE,
                Tokens.with(token, 0, Tokens.encode("{\"enc\":\"A256GCM\",\"alg\":\"RSA-OAEP-256\"}")), HS256));
        attacks.add(new Attack("an empty ciphertext", TOKEN_MALFORMED, Tokens.with(token, 3, ""), HS256));
        for (int length : List.of(0, 8, 14, 15, 17, 18, 22, 24)) {
            attacks.add(new Attack("a vector of " + length + " characters", TOKEN_MALFORMED,
                    Tokens.with(token, 2, "A".repeat(length)), HS256));
        }
        for (int length : List.of(0, 2, 8, 16, 20, 21, 23, 24, 43)) {
            attacks.add(new Attack("a tag of " + length + " characters", TOKEN_MALFORMED,
                    Tokens.with(token, 4, "A".repeat(length)), HS256));
        }
        attacks.add(new Attack("a tag of zeros", TOKEN_UNDECRYPTABLE, Tokens.with(token, 4, "A".repeat(22)), HS256));
        attacks.add(new Attack("a vector of zeros", TOKEN_UNDECRYPTABLE, Tokens.with(token, 2, "A".repeat(16)),
                HS256));
        for (String payload : List.of("x", "[]", "{", "{\"sub\":\"a\",\"sub\":\"b\"}")) {
            attacks.add(new Attack("encrypted " + payload, TOKEN_MALFORMED,
                    Tokens.encrypted(good, payload, oaep256), HS256));
        }
        attacks.add(new Attack("a signed token of five parts", TOKEN_ALGORITHM_REFUSED,
                Tokens.with(token, 0, Tokens.encode("{\"alg\":\"RS256\"}")), RS256));
        attacks.add(new Attack("an encrypted token's header on three parts", TOKEN_ALGORITHM_REFUSED,
                Tokens.signed(good, CLAIMS, rs256(RSA)), RS256));
    }

    private static Attack encrypted(String name, DenyReason reason, String header, Tokens.KeyWrap wrap) {
        return new Attack("encrypted: " + name, reason, Tokens.encrypted(header, CLAIMS, wrap), HS256);
    }

    private static Attack payload(DenyReason reason, String payload) {
        return new Attack("the payload " + shown(payload), reason,
                Tokens.signed("{\"alg\":\"HS256\"}", payload, Tokens.hmac(SECRET)), HS256);
    }

    private static void payloads(List<Attack> attacks) {
        String exp = "\"exp\":" + (NOW_SECONDS + 600);
        for (String payload : List.of("[]", "null", "1", "\"x\"", " ", "{", CLAIMS + "x", CLAIMS + CLAIMS,
                "\ufeff" + CLAIMS, claims(exp + "," + exp), claims(exp + ",\"\\u0065xp\":9999999999"),
                claims(exp + ",\"sub\":\"other\""), claims(exp + ",\"s\\u0075b\":\"other\""),
                claims(exp + ",\"x\":{\"y\":1,\"y\":2}"), claims("\"exp\":NaN"), claims("\"exp\":Infinity"),
                claims("\"exp\":-Infinity"), claims("\"exp\":0x7fffffff"), claims("\"exp\":017"),
                claims("\"exp\":1_000"), claims("\"exp\":" + "1".repeat(65)),
                claims(exp + ",\"x\":" + "9".repeat(4000)), "[".repeat(4500),
                claims(exp + ",\"x\":" + "[".repeat(2000) + "]".repeat(2000)),
                claims(exp + ",\"x\":" + "{\"x\":".repeat(700) + "1" + "}".repeat(700)))) {
            attacks.add(payload(TOKEN_MALFORMED, payload));
        }
        for (String payload : List.of("{}", "{" + exp + "}", "{\"sub\":\"\"," + exp + "}", "{\"sub\":null," + exp + "}",
                "{\"sub\":1," + exp + "}", "{\"sub\":[\"" + MARK + "\"]," + exp + "}", "{\"Sub\":\"" + MARK + "\","
                        + exp + "}")) {
            attacks.add(payload(TOKEN_CLAIM_INVALID, payload));
        }
    }

    private static void times(List<Attack> attacks) {
        for (String members : List.of("", "\"EXP\":" + (NOW_SECONDS + 600), "\"exp\":null",
                "\"exp\":\"" + (NOW_SECONDS + 600) + "\"", "\"exp\":\"\"", "\"exp\":true", "\"exp\":{}", "\"exp\":[]",
                "\"exp\":[" + (NOW_SECONDS + 600) + "]", "\"exp\":-1", "\"exp\":-0.001", "\"exp\":1e400",
                "\"exp\":-1e400", "\"exp\":1e999999999", "\"exp\":1e2147483648", "\"exp\":253402300800",
                "\"exp\":9223372036854775808", "\"exp\":" + (NOW_SECONDS + 600) * 1000,
                // If exp is good, the other claims are checked.
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"iat\":" + NOW_SECONDS * 1000,
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"iat\":\"" + NOW_SECONDS + "\"",
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"iat\":null",
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"iat\":-1",
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"nbf\":" + NOW_SECONDS * 1000,
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"nbf\":\"x\"",
                "\"exp\":" + (NOW_SECONDS + 600) + ",\"nbf\":false")) {
            attacks.add(payload(TOKEN_CLAIM_INVALID, claims(members)));
        }
        for (String exp : List.of("0", "-0.0", "1e-400", "1", String.valueOf(NOW_SECONDS - 60),
                String.valueOf(NOW_SECONDS - 3600))) {
            attacks.add(payload(TOKEN_EXPIRED, claims("\"exp\":" + exp)));
            attacks.add(payload(TOKEN_EXPIRED, claims("\"exp\":" + exp + ",\"iat\":" + NOW_SECONDS)));
        }
        for (String claim : List.of("nbf", "iat")) {
            for (long time : List.of(NOW_SECONDS + 61, NOW_SECONDS + 600, 253_402_300_799L)) {
                attacks.add(payload(TOKEN_NOT_YET_VALID, claims("\"exp\":" + (NOW_SECONDS + 600) + ",\"" + claim
                        + "\":" + time)));
            }
        }
        for (String members : List.of("\"exp\":" + (NOW_SECONDS + 3661), "\"exp\":253402300799",
                // The iat that a token states about itself does not help it.
                "\"exp\":" + (NOW_SECONDS + 3661) + ",\"iat\":" + (NOW_SECONDS + 60),
                "\"exp\":" + (NOW_SECONDS + 3600) + ",\"iat\":" + (NOW_SECONDS - 1),
                "\"exp\":" + (NOW_SECONDS + 60) + ",\"iat\":0")) {
            attacks.add(payload(TOKEN_LIFETIME_TOO_LONG, claims(members)));
        }
        attacks.add(payload(TOKEN_NOT_YET_VALID, claims("\"exp\":253402300799,\"iat\":253402300000")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void refuses(Attack attack) {
        RefusedTokenException refusal = Tokens.refusal(() -> present(attack.token(), attack.key()));

        assertThat(refusal.reason()).isEqualTo(attack.reason());
        assertThat(refusal).hasNoCause().hasNoSuppressedExceptions();
        assertThat(refusal.getStackTrace()).isEmpty();
        assertThat(refusal.detail()).isNotBlank().doesNotContain(MARK).doesNotContain("attacker");
        assertHasNothingOf(attack.token(), refusal.detail());
    }

    private static void assertHasNothingOf(String secret, String text) {
        int longest = 8;
        for (int i = 0; i + longest < text.length(); i++) {
            String piece = text.substring(i, i + longest + 1);
            assertThat(secret).as("'%s' of '%s'", piece, text).doesNotContain(piece);
        }
    }

    /**
     * Many times what a verification takes on a slow machine. If an attacker could prolong anything, it would take
     * seconds.
     */
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    @Test
    void refusesAtOnce() {
        // Apart from the verification itself, there is nothing that an attacker could prolong.
        for (int i = 0; i < 3; i++) {
            ATTACKS.forEach(HostileTokensTest::nanosToRefuse);
        }
        for (Attack attack : ATTACKS) {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 20 && best > AT_ONCE.toNanos(); i++) {
                best = Math.min(best, nanosToRefuse(attack));
            }
            assertThat(Duration.ofNanos(best)).as(attack.name()).isLessThan(AT_ONCE);
        }
    }

    private static long nanosToRefuse(Attack attack) {
        long start = System.nanoTime();
        try {
            present(attack.token(), attack.key());
        } catch (RefusedTokenException refused) {
            return System.nanoTime() - start;
        }
        throw new AssertionError(attack.name());
    }

    @Test
    void refusesRandomMutationsOfAValidToken() {
        // Parts of two good tokens can form a third good one, as with the two names of EdDSA.
        Set<String> meanings = GOOD.stream().map(good -> meaning(good.token())).collect(Collectors.toSet());
        SplittableRandom random = new SplittableRandom(20_260_101);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            // A decryption costs more than a verification, so it is done less often.
            Attack from = GOOD.get(random.nextInt(i % 8 == 0 ? GOOD.size() : GOOD.size() - 1));
            String other = GOOD.get(random.nextInt(GOOD.size())).token();
            String mutant = from.token();
            for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
                mutant = mutate(mutant, other, random);
            }
            if (isTaken(mutant, from.key())) {
                taken++;
                assertThat(meaning(mutant)).as(mutant).isIn(meanings);
            }
        }
        // Some changes undo each other, or change bits that base64 does not use.
        assertThat(taken).isLessThan(1000);
    }

    private static boolean isTaken(String token, VerificationKey key) {
        try {
            present(token, key);
            return true;
        } catch (RefusedTokenException refused) {
            return false;
        }
    }

    /**
     * The signed or bound parts as text, and the bytes of the other parts. Tokens for which this is the same are the
     * same.
     */
    private static String meaning(String token) {
        String[] parts = token.split("\\.", -1);
        int bound = parts.length == 3 ? 2 : 1;
        for (int i = bound; i < parts.length; i++) {
            parts[i] = Tokens.encode(Tokens.decode(parts[i]));
        }
        return String.join(".", parts);
    }

    private static String mutate(String token, String other, SplittableRandom random) {
        if (token.isEmpty()) {
            return other;
        }
        String[] parts = token.split("\\.", -1);
        String[] others = other.split("\\.", -1);
        int part = random.nextInt(parts.length);
        int at = random.nextInt(token.length());
        return switch (random.nextInt(11)) {
            case 0 -> token.substring(0, at) + (char) random.nextInt(128) + token.substring(at + 1);
            case 1 -> token.substring(0, at) + (char) random.nextInt(0x10000) + token.substring(at + 1);
            case 2 -> token.substring(0, at) + (char) (token.charAt(at) ^ (1 << random.nextInt(7)))
                    + token.substring(at + 1);
            case 3 -> token.substring(0, at);
            case 4 -> token.substring(at);
            case 5 -> token.substring(0, at) + token.substring(Math.min(token.length(), at + 1 + random.nextInt(4)));
            case 6 -> token.substring(0, at) + other.charAt(random.nextInt(other.length())) + token.substring(at);
            case 7 -> Tokens.with(token, part, parts[random.nextInt(parts.length)]);
            case 8 -> Tokens.with(token, part, others[random.nextInt(others.length)]);
            case 9 -> Tokens.with(token, part, parts[part] + '.' + parts[part]);
            default -> Tokens.with(token, part, withABitChanged(parts[part], random));
        };
    }

    private static String withABitChanged(String part, SplittableRandom random) {
        try {
            byte[] bytes = Tokens.decode(part);
            if (bytes.length == 0) {
                return "AAAA";
            }
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            return Tokens.encode(bytes);
        } catch (IllegalArgumentException brokenAlready) {
            return part;
        }
    }
}
