package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Makes keys and tokens with the JDK alone, so that what is read here was not written by the library that reads it. */
final class Tokens {
    private static final int TAG_BYTES = 16;

    private Tokens() {}

    /** What makes a signature. */
    interface Signer {
        byte[] sign(byte[] input) throws GeneralSecurityException;
    }

    /** What encrypts the key of the content. */
    interface KeyWrap {
        byte[] wrap(byte[] contentKey) throws GeneralSecurityException;
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] decode(String part) {
        return Base64.getUrlDecoder().decode(part);
    }

    static KeyPair rsa(int bits) {
        return generate("RSA", generator -> generator.initialize(bits));
    }

    static KeyPair ec(String curve) {
        return generate("EC", generator -> generator.initialize(new ECGenParameterSpec(curve)));
    }

    static KeyPair ed25519() {
        return generate("Ed25519", _ -> {});
    }

    private interface Setup {
        void apply(KeyPairGenerator generator) throws GeneralSecurityException;
    }

    private static KeyPair generate(String kind, Setup setup) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            setup.apply(generator);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static JWK jwk(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
            case ECPublicKey ec -> new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
            default -> {
                byte[] encoded = key.getEncoded();
                yield new OctetKeyPair.Builder(Curve.Ed25519,
                        Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length))).build();
            }
        };
    }

    static String pem(Key key, String kind) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                .encodeToString(key.getEncoded()) + "\n-----END " + kind + "-----\n";
    }

    static String signed(String header, String payload, Signer signer) {
        return signed(header.getBytes(StandardCharsets.UTF_8), payload.getBytes(StandardCharsets.UTF_8), signer);
    }

    static String signed(byte[] header, byte[] payload, Signer signer) {
        String input = encode(header) + '.' + encode(payload);
        try {
            return input + '.' + encode(signer.sign(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static Signer hmac(byte[] secret) {
        return input -> {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(input);
        };
    }

    /** @param algorithm as the JDK names it */
    static Signer by(String algorithm, PrivateKey key) {
        return input -> {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(input);
            return signature.sign();
        };
    }

    static Signer pss(PrivateKey key) {
        return input -> {
            Signature signature = Signature.getInstance("RSASSA-PSS");
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            signature.initSign(key);
            signature.update(input);
            return signature.sign();
        };
    }

    static Signer ecdsa(PrivateKey key) {
        return by("SHA256withECDSAinP1363Format", key);
    }

    /** @param hash as the JDK names it; the mask uses it, too */
    static KeyWrap oaep(PublicKey key, MGF1ParameterSpec hash) {
        return contentKey -> {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key,
                    new OAEPParameterSpec(hash.getDigestAlgorithm(), "MGF1", hash, PSource.PSpecified.DEFAULT));
            return cipher.doFinal(contentKey);
        };
    }

    static KeyWrap oaep256(PublicKey key) {
        return oaep(key, MGF1ParameterSpec.SHA256);
    }

    static KeyWrap pkcs1(PublicKey key) {
        return contentKey -> {
            Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            cipher.init(Cipher.ENCRYPT_MODE, key);
            return cipher.doFinal(contentKey);
        };
    }

    static String encrypted(String header, String payload, KeyWrap wrap) {
        return encrypted(header, payload, bytes(32, 7), wrap);
    }

    static String encrypted(String header, String payload, byte[] contentKey, KeyWrap wrap) {
        String encodedHeader = encode(header);
        byte[] iv = bytes(12, 9);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, "AES"),
                    new GCMParameterSpec(TAG_BYTES * 8, iv));
            cipher.updateAAD(encodedHeader.getBytes(StandardCharsets.US_ASCII));
            byte[] sealed = cipher.doFinal(payload.getBytes(StandardCharsets.UTF_8));
            int length = sealed.length - TAG_BYTES;
            return String.join(".", encodedHeader, encode(wrap.wrap(contentKey)), encode(iv),
                    encode(Arrays.copyOf(sealed, length)), encode(Arrays.copyOfRange(sealed, length, sealed.length)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** This many bytes, all of the same value. */
    static byte[] bytes(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** The token with another part in place of one of its own. */
    static String with(String token, int index, String part) {
        String[] parts = token.split("\\.", -1);
        parts[index] = part;
        return String.join(".", parts);
    }

    static String part(String token, int index) {
        return token.split("\\.", -1)[index];
    }

    /** How a token is refused; fails if it is not, or if anything else is thrown. */
    static RefusedTokenException refusal(ThrowingCallable presenting) {
        Throwable thrown = catchThrowable(presenting);
        assertThat(thrown).isExactlyInstanceOf(RefusedTokenException.class);
        return (RefusedTokenException) thrown;
    }
}
