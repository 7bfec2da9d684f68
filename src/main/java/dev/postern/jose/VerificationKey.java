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
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A key that signatures are verified with, and the one algorithm that it is for. */
public final class VerificationKey {
    /** Shortest secret, in bytes: as long as the output of SHA-256 (RFC 7518, section 3.2). */
    public static final int MIN_SECRET_BYTES = 32;

    private final Set<String> names;
    private final JWSHeader header;
    private final JWSVerifier verifier;
    private final boolean costly;

    private VerificationKey(Set<String> names, JWSAlgorithm algorithm, JWSVerifier verifier, boolean costly) {
        this.names = names;
        this.header = new JWSHeader(algorithm);
        this.verifier = verifier;
        this.costly = costly;
    }

    /**
     * A shared secret, for HS256.
     *
     * @throws IllegalArgumentException if it is shorter than 32 bytes
     */
    public static VerificationKey ofSecret(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("a secret for HS256 has at least " + MIN_SECRET_BYTES + " bytes");
        }
        try {
            return new VerificationKey(Set.of(JWSAlgorithm.HS256.getName()), JWSAlgorithm.HS256,
                    new MACVerifier(secret), false);
        } catch (JOSEException unusable) {
            throw new IllegalArgumentException("not a secret for HS256");
        }
    }

    /**
     * A public key, for the algorithm that it names, or for the first of those accepted that fits it.
     *
     * @param accepted names of algorithms, as in {@code alg}
     * @throws IllegalArgumentException if none fits, or the key is private, weak or for another use; the message says which
     */
    public static VerificationKey ofPublic(JWK key, List<String> accepted) {
        if (key.isPrivate()) {
            throw new IllegalArgumentException("the key is not public alone");
        }
        if ((key.getKeyUse() != null && !KeyUse.SIGNATURE.equals(key.getKeyUse()))
                || (key.getKeyOperations() != null && !key.getKeyOperations().contains(KeyOperation.VERIFY))) {
            throw new IllegalArgumentException("the key is not for signatures");
        }
        Optional<String> named = Optional.ofNullable(key.getAlgorithm()).map(algorithm -> algorithm.getName());
        String algorithm = accepted.stream().filter(name -> fits(key, name))
                .filter(name -> named.isEmpty() || isSame(name, named.get())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the key fits none of " + accepted));
        try {
            return switch (key) {
                case RSAKey rsa -> {
                    KeyStrength.require(rsa);
                    yield of(algorithm, new RSASSAVerifier(rsa), !KeyStrength.isQuick(rsa));
                }
                case ECKey ec -> of(algorithm, new ECDSAVerifier(ec), true);
                case OctetKeyPair pair -> {
                    KeyStrength.require(pair);
                    yield of(algorithm, new Ed25519Verifier(pair), true);
                }
                default -> throw new IllegalArgumentException("the key is of no known kind");
            };
        } catch (JOSEException unusable) {
            throw new IllegalArgumentException("the key cannot be used");
        }
    }

    private static VerificationKey of(String algorithm, JWSVerifier verifier, boolean costly) {
        // RFC 9864 gave EdDSA over this curve a name of its own.
        Set<String> names = isSame(algorithm, "EdDSA") ? Set.of("EdDSA", "Ed25519") : Set.of(algorithm);
        return new VerificationKey(names, JWSAlgorithm.parse(algorithm), verifier, costly);
    }

    private static boolean isSame(String one, String other) {
        return one.equals(other) || Set.of("EdDSA", "Ed25519").containsAll(Set.of(one, other));
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

    /** The algorithm that the key is for, as in {@code alg}. */
    public String algorithm() {
        return header.getAlgorithm().getName();
    }

    /** Whether verifying takes long enough to be kept off an event loop. */
    public boolean isCostly() {
        return costly;
    }

    /**
     * Verifies the signature.
     *
     * @throws RefusedTokenException if the token names another algorithm, or the signature is not by this key
     */
    public void verify(CompactToken.Signed token) {
        requireAlgorithm(token.header());
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

    /** @throws RefusedTokenException if the header names another algorithm */
    public void requireAlgorithm(JoseHeader tokenHeader) {
        if (!names.contains(tokenHeader.algorithm())) {
            throw new RefusedTokenException(DenyReason.TOKEN_ALGORITHM_REFUSED,
                    "The key of the token is for " + algorithm() + ", and the token names another.");
        }
    }
}
