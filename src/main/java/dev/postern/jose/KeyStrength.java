package dev.postern.jose;

import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.math.BigInteger;
import java.util.Set;

/** Refuses public keys that are weak, so that others than their owner could sign, or that make verification slow. */
final class KeyStrength {
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 4096;
    private static final BigInteger MIN_RSA_EXPONENT = BigInteger.valueOf(3);
    /** With an exponent as long as the modulus, verifying takes as long as signing. */
    private static final int MAX_RSA_EXPONENT_BITS = 64;

    private static final int QUICK_RSA_BITS = 2048;
    /** The bits of 65537, the exponent of nearly every key. */
    private static final int QUICK_RSA_EXPONENT_BITS = 17;

    private static final int ED25519_BYTES = 32;
    private static final BigInteger ED25519_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger OF_ORDER_EIGHT = new BigInteger(
            "2707385501144840649318225287225658788936804267575313519463743609750303021");
    /** The points of Ed25519 whose order is 1, 2, 4 or 8, given by their second coordinate. */
    private static final Set<BigInteger> OF_SMALL_ORDER = Set.of(BigInteger.ZERO, BigInteger.ONE,
            ED25519_PRIME.subtract(BigInteger.ONE), OF_ORDER_EIGHT, ED25519_PRIME.subtract(OF_ORDER_EIGHT));

    private KeyStrength() {}

    /** @throws IllegalArgumentException if the key is weak; the message says why */
    static void require(RSAKey key) {
        BigInteger modulus = key.getModulus().decodeToBigInteger();
        // The bits of the number itself: its encoding may have leading zeros.
        int bits = modulus.bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new IllegalArgumentException(
                    "an RSA key must have " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits, this one has " + bits);
        }
        BigInteger exponent = key.getPublicExponent().decodeToBigInteger();
        if (!modulus.testBit(0)) {
            throw new IllegalArgumentException("the modulus of an RSA key must be odd");
        }
        if (!exponent.testBit(0) || exponent.compareTo(MIN_RSA_EXPONENT) < 0
                || exponent.bitLength() > MAX_RSA_EXPONENT_BITS) {
            throw new IllegalArgumentException("the exponent of an RSA key must be odd, at least " + MIN_RSA_EXPONENT
                    + ", and have at most " + MAX_RSA_EXPONENT_BITS + " bits");
        }
        if (RocaFingerprint.isIn(modulus)) {
            throw new IllegalArgumentException(
                    "the RSA key has the ROCA flaw (CVE-2017-15361): others can compute its private key");
        }
    }

    /**
     * Whether verifying with this key takes no longer than handing the work to another thread. The key must be strong.
     */
    static boolean isQuick(RSAKey key) {
        return key.getModulus().decodeToBigInteger().bitLength() <= QUICK_RSA_BITS
                && key.getPublicExponent().decodeToBigInteger().bitLength() <= QUICK_RSA_EXPONENT_BITS;
    }

    /** @throws IllegalArgumentException if the key is weak; the message says why */
    static void require(OctetKeyPair key) {
        byte[] point = key.getDecodedX();
        if (point.length != ED25519_BYTES) {
            throw new IllegalArgumentException("an Ed25519 key must have " + ED25519_BYTES + " bytes");
        }
        byte[] number = new byte[ED25519_BYTES];
        for (int i = 0; i < ED25519_BYTES; i++) {
            number[i] = point[ED25519_BYTES - 1 - i];
        }
        // The first bit is the sign of the other coordinate.
        BigInteger coordinate = new BigInteger(1, number).clearBit(255).mod(ED25519_PRIME);
        if (OF_SMALL_ORDER.contains(coordinate)) {
            throw new IllegalArgumentException("the Ed25519 key has a small order, so that anybody could sign");
        }
    }
}
