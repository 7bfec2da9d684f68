package dev.postern.support;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Makes tokens as clients make them. */
public final class ClientTokens {
    private ClientTokens() {}

    /** Claims of a token that expires in five minutes, followed by this text, such as {@code "\"sub\":\"u\""}. */
    public static String claims(String more) {
        long now = Instant.now().getEpochSecond();
        return "{\"iat\":" + now + ",\"exp\":" + (now + 300) + (more.isEmpty() ? "" : "," + more) + "}";
    }

    /** A token that a client makes with the file of an RSA open token, with the key from the file among its claims. */
    public static String encrypted(JsonNode tokenFile, String more) {
        return encryptedAs(tokenFile, claims("\"key\":\"" + tokenFile.required("key").stringValue() + "\""
                + (more.isEmpty() ? "" : "," + more)));
    }

    /** A token that a client makes with the file of an RSA open token, with this payload. */
    public static String encryptedAs(JsonNode tokenFile, String payload) {
        try {
            JWEObject token = new JWEObject(
                    new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                            .keyID(tokenFile.required("key_id").stringValue()).build(),
                    new Payload(payload));
            token.encrypt(new RSAEncrypter(RSAKey.parse(tokenFile.required("jwk").toString())));
            return token.serialize();
        } catch (JOSEException | ParseException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A token signed with the secret of a JWT token. */
    public static String signed(JsonNode jwtToken, String payload) {
        try {
            return signed(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(jwtToken.required("secret_id").stringValue())
                    .type(JOSEObjectType.JWT).build(), payload,
                    new MACSigner(jwtToken.required("secret").stringValue()));
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A token signed with an RSA key, RS256. */
    public static String signed(RSAKey key, String keyId, String type, String payload) {
        try {
            return signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).type(new JOSEObjectType(type)).build(),
                    payload, new RSASSASigner(key));
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A token signed with a key of the curve P-256, ES256. */
    public static String signed(ECKey key, String keyId, String payload) {
        try {
            return signed(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).type(JOSEObjectType.JWT).build(),
                    payload,
                    new ECDSASigner(key));
        } catch (JOSEException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String signed(JWSHeader header, String payload, JWSSigner signer) throws JOSEException {
        JWSObject token = new JWSObject(header, new Payload(payload));
        token.sign(signer);
        return token.serialize();
    }
}
