package dev.postern.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.postern.access.DenyReason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A key that verifies signatures, together with the algorithms it may be used with. The algorithm is never chosen by
 * the token alone.
 */
public final class VerificationKey {
    /** Shortest secret, in bytes: as long as the output of SHA-256 (RFC 7518, section 3.2). */
    private static final int MIN_SECRET_BYTES = 32;
    private static final List<String> ED25519 = List.of("EdDSA", "Ed25519");

    /** The headers by algorithm name, with every name that a token may use, in order of preference. */
    private final Map<String, JWSHeader> headers = new LinkedHashMap<>();
    private final JWSVerifier verifier;
    private final boolean costly;

    /** @param algorithms at least one, the preferred one first */
    private VerificationKey(List<String> algorithms, JWSVerifier verifier, boolean costly) {
        for (String algorithm : algorithms) {
            JWSHeader header = new JWSHeader(JWSAlgorithm.parse(algorithm));
            headers.put(algorithm, header);
            // RFC 9864 gave EdDSA over this curve its own name.
            ED25519.stream().filter(name -> isSame(name, algorithm)).forEach(name -> headers.putIfAbsent(name, header));
        }
        this.verifier = verifier;
        this.costly = costly;
    }

    /**
     * A shared secret for HS256.
     *
     * @throws IllegalArgumentException if it is shorter than 32 bytes
     */
    public static VerificationKey ofSecret(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("a secret for HS256 must have at least " + MIN_SECRET_BYTES + " bytes");
        }
        try {
            return new VerificationKey(List.of(JWSAlgorithm.HS256.getName()), new MACVerifier(secret), false);
        } catch (JOSEException unusable) {
            throw new IllegalArgumentException("not a secret for HS256");
        }
    }

    /**
     * A public key, for the algorithm that it names, or for all accepted algorithms that fit it.
     *
     * @param accepted names of algorithms, as in {@code alg}
     * @throws IllegalArgumentException if no algorithm fits, or the key is private, weak or for another use; the
     *         message says which
     */
    public static VerificationKey ofPublic(JWK key, List<String> accepted) {
        if (key.isPrivate()) {
            throw new IllegalArgumentException("the key is not public");
        }
        if ((key.getKeyUse() != null && !KeyUse.SIGNATURE.equals(key.getKeyUse()))
                || (key.getKeyOperations() != null && !key.getKeyOperations().contains(KeyOperation.VERIFY))) {
            throw new IllegalArgumentException("the key is not for signatures");
        }
        Optional<String> named = Optional.ofNullable(key.getAlgorithm()).map(algorithm -> algorithm.getName());
        List<String> algorithms = accepted.stream().filter(name -> fits(key, name))
                .filter(name -> named.isEmpty() || isSame(name, named.get())).toList();
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("the key fits none of the algorithms " + accepted);
        }
        try {
            return switch (key) {
                case RSAKey rsa -> {
                    KeyStrength.require(rsa);
                    yield new VerificationKey(algorithms, new RSASSAVerifier(rsa), !KeyStrength.isQuick(rsa));
                }
                case ECKey ec -> new VerificationKey(algorithms, new ECDSAVerifier(ec), true);
                case OctetKeyPair pair -> {
                    KeyStrength.require(pair);
                    yield new VerificationKey(algorithms, new Ed25519Verifier(pair), true);
                }
                default -> throw new IllegalArgumentException("the type of the key is unknown");
            };
        } catch (JOSEException unusable) {
            throw new IllegalArgumentException("the key cannot be used");
        }
    }

    /** Whether two names denote the same algorithm. */
    static boolean isSame(String one, String other) {
        return one.equals(other) || (ED25519.contains(one) && ED25519.contains(other));
    }

    private static boolean fits(JWK key, String algorithm) {
        return switch (algorithm) {
            case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" -> key instanceof RSAKey;
            case "ES256" -> key instanceof ECKey ec && ec.getCurve().equals(Curve.P_256);
            case "ES384" -> key instanceof ECKey ec && ec.getCurve().equals(Curve.P_384);
            case "ES512" -> key instanceof ECKey ec && ec.getCurve().equals(Curve.P_521);
            case "EdDSA", "Ed25519" -> key instanceof OctetKeyPair pair && pair.getCurve().equals(Curve.Ed25519);
            default -> false;
        };
    }

    /** The algorithm that the key is for, as in {@code alg}; if there are several, the preferred one. */
    public String algorithm() {
        return headers.values().iterator().next().getAlgorithm().getName();
    }

    /** Whether verifying takes so long that it must not be done on an event loop. */
    public boolean isCostly() {
        return costly;
    }

    /**
     * Verifies the signature.
     *
     * @throws RefusedTokenException if the token names another algorithm, or the signature was not made with this key
     */
    public void verify(CompactToken.Signed token) {
        JWSHeader header = headers.get(token.header().algorithm());
        if (header == null) {
            throw anotherAlgorithm();
        }
        boolean verified;
        try {
            verified = verifier.verify(header, token.signingInput(), new Base64URL(token.signature()));
        } catch (JOSEException | RuntimeException unusable) {
            verified = false;
        }
        if (!verified) {
            throw new RefusedTokenException(DenyReason.TOKEN_SIGNATURE_INVALID,
                    DenyReason.TOKEN_SIGNATURE_INVALID.text());
        }
    }

    /** Whether the key is for the algorithm that a header names. */
    boolean fits(JoseHeader tokenHeader) {
        return headers.containsKey(tokenHeader.algorithm());
    }

    /** @throws RefusedTokenException if the header names another algorithm */
    public void requireAlgorithm(JoseHeader tokenHeader) {
        if (!fits(tokenHeader)) {
            throw anotherAlgorithm();
        }
    }

    /** The refusal of a token with another algorithm. */
    RefusedTokenException anotherAlgorithm() {
        return new RefusedTokenException(DenyReason.TOKEN_ALGORITHM_REFUSED, "The key of the token is for "
                + String.join(", ", headers.keySet()) + ", and the token names another algorithm.");
    }
}
