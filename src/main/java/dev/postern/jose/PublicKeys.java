package dev.postern.jose;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Reads public keys that clients register: JWK, or PEM of a SubjectPublicKeyInfo. */
public final class PublicKeys {
    /** Accepted algorithms. A key that names none gets the first one that fits. */
    public static final List<String> REGISTERED = List.of("RS256", "PS256", "ES256", "EdDSA");

    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int MAX_TEXT = 8192;
    /** The last 32 bytes of the encoding of an Ed25519 key are the key itself. */
    private static final int ED25519_BYTES = 32;

    private PublicKeys() {}

    /**
     * Reads a key.
     *
     * @throws IllegalArgumentException if it is not a public key; the message says what is wrong
     */
    public static JWK read(String text) {
        String stripped = text.strip();
        if (stripped.length() > MAX_TEXT) {
            throw new IllegalArgumentException("it is longer than " + MAX_TEXT + " characters");
        }
        if (stripped.startsWith("{")) {
            return parse(stripped);
        }
        // The BEGIN and END lines must not overlap.
        if (!stripped.startsWith(BEGIN) || !stripped.endsWith(END)
                || stripped.length() < BEGIN.length() + END.length()) {
            throw new IllegalArgumentException("it is neither a JWK nor PEM that begins with " + BEGIN);
        }
        try {
            return ofEncoded(Base64.getMimeDecoder()
                    .decode(stripped.substring(BEGIN.length(), stripped.length() - END.length())));
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("it is not PEM of an RSA, EC (P-256) or Ed25519 key");
        }
    }

    private static JWK parse(String json) {
        try {
            return JWK.parse(json);
        } catch (ParseException | RuntimeException notJwk) {
            // The cause might quote the key, which might be a private one.
            throw new IllegalArgumentException("it is not a JWK");
        }
    }

    private static JWK ofEncoded(byte[] encoded) {
        for (String kind : List.of("RSA", "EC", "Ed25519")) {
            try {
                PublicKey key = KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(encoded));
                return switch (key) {
                    case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
                    case ECPublicKey ec -> new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
                    default -> new OctetKeyPair.Builder(Curve.Ed25519,
                            Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES,
                                    encoded.length)))
                            .build();
                };
            } catch (GeneralSecurityException | IllegalStateException ofAnotherKind) {
                // Try the next kind.
            }
        }
        throw new IllegalArgumentException("no known kind");
    }
}
