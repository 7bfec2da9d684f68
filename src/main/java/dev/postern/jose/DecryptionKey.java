package dev.postern.jose;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;

/** An RSA key that decrypts tokens, with RSA-OAEP-256 and A256GCM only. */
public final class DecryptionKey {
    private static final String ALGORITHM = JWEAlgorithm.RSA_OAEP_256.getName();
    private static final String ENCRYPTION = EncryptionMethod.A256GCM.getName();
    private static final JWEHeader HEADER = new JWEHeader(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM);

    private final RSAPrivateCrtKey privateKey;
    private final RSADecrypter decrypter;
    private final int encodedKeyLength;

    private DecryptionKey(RSAPrivateCrtKey privateKey) {
        this.privateKey = privateKey;
        this.decrypter = new RSADecrypter(privateKey);
        int modulusBytes = (privateKey.getModulus().bitLength() + 7) / 8;
        this.encodedKeyLength = (modulusBytes * 4 + 2) / 3;
    }

    /**
     * Makes a new key. Takes from a tenth of a second to several seconds.
     *
     * @param bits length of the modulus
     */
    public static DecryptionKey generate(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            KeyPair pair = generator.generateKeyPair();
            return new DecryptionKey((RSAPrivateCrtKey) pair.getPrivate());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has RSA", impossible);
        }
    }

    /**
     * Reads the output of {@link #encoded()}.
     *
     * @throws IllegalArgumentException if the text is not an encoded key
     */
    public static DecryptionKey decode(String encoded) {
        try {
            return new DecryptionKey((RSAPrivateCrtKey) KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(encoded))));
        } catch (GeneralSecurityException | ClassCastException notAKey) {
            // The cause might quote the key.
            throw new IllegalArgumentException("not an RSA private key");
        }
    }

    /** The private key, PKCS #8 in base64: a secret. */
    public String encoded() {
        return Base64.getEncoder().encodeToString(privateKey.getEncoded());
    }

    /** The public key, as PEM of a SubjectPublicKeyInfo. */
    public String publicPem() {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                .encodeToString(publicKey().getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    /** The public key, as JWK. */
    public String publicJwk(String keyId) {
        return new RSAKey.Builder(publicKey()).keyID(keyId).keyUse(KeyUse.ENCRYPTION)
                .algorithm(JWEAlgorithm.RSA_OAEP_256).build().toJSONString();
    }

    private RSAPublicKey publicKey() {
        try {
            return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(
                    new RSAPublicKeySpec(privateKey.getModulus(), privateKey.getPublicExponent()));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has RSA", impossible);
        }
    }

    /**
     * Refuses tokens that cannot be valid, without decrypting them; costs next to nothing.
     *
     * @throws RefusedTokenException if the token uses other algorithms, or its encrypted key does not have the size of
     *         this key
     */
    public void requireFit(CompactToken.Encrypted token) {
        requireAlgorithms(token.header());
        if (token.encryptedKey().length() != encodedKeyLength) {
            throw new RefusedTokenException(DenyReason.TOKEN_MALFORMED,
                    "The size of the encrypted key does not match the token's key.");
        }
    }

    /** @throws RefusedTokenException if the header names algorithms other than RSA-OAEP-256 and A256GCM */
    public static void requireAlgorithms(JoseHeader header) {
        if (!header.algorithm().equals(ALGORITHM) || !ENCRYPTION.equals(header.encryption().orElse(""))) {
            throw new RefusedTokenException(DenyReason.TOKEN_ALGORITHM_REFUSED,
                    "The token is not encrypted with " + ALGORITHM + " and " + ENCRYPTION + ".");
        }
    }

    /**
     * Decrypts a token: one operation with the private key, which takes about a millisecond. Must not be called on an
     * event loop.
     *
     * @return the payload
     * @throws RefusedTokenException if it does not decrypt, whichever step failed
     */
    public byte[] decrypt(CompactToken.Encrypted token) {
        requireFit(token);
        try {
            return decrypter.decrypt(HEADER, new Base64URL(token.encryptedKey()), new Base64URL(token.iv()),
                    new Base64URL(token.ciphertext()), new Base64URL(token.tag()),
                    token.encodedHeader().getBytes(StandardCharsets.US_ASCII));
        } catch (JOSEException | RuntimeException failed) {
            // The same refusal for every failure, so that the caller does not learn which step failed.
            throw new RefusedTokenException(DenyReason.TOKEN_UNDECRYPTABLE, DenyReason.TOKEN_UNDECRYPTABLE.text());
        }
    }
}
