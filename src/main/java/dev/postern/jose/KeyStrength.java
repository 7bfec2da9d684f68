package dev.postern.jose;

import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.math.BigInteger;
import java.util.Set;

/** Refuses public keys whose signatures others than their owner can make, or that take long to verify. */
final class KeyStrength {
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 4096;
    private static final BigInteger MIN_RSA_EXPONENT = BigInteger.valueOf(3);
    /** Raising to an exponent as long as the modulus takes as long as signing. */
    private static final int MAX_RSA_EXPONENT_BITS = 64;

    private static final int QUICK_RSA_BITS = 2048;
    /** Those of 65537, which nearly every key has. */
    private static final int QUICK_RSA_EXPONENT_BITS = 17;

    private static final int ED25519_BYTES = 32;
    private static final BigInteger ED25519_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger OF_ORDER_EIGHT = new BigInteger(
            "2707385501144840649318225287225658788936804267575313519463743609750303021");
    /** What stands for the points of Ed25519 whose order is 1, 2, 4 or 8: their second coordinate. */
    private static final Set<BigInteger> OF_SMALL_ORDER = Set.of(BigInteger.ZERO, BigInteger.ONE,
            ED25519_PRIME.subtract(BigInteger.ONE), OF_ORDER_EIGHT, ED25519_PRIME.subtract(OF_ORDER_EIGHT));

    private KeyStrength() {}

    /** @throws IllegalArgumentException if the key is not strong; the message says why */
    static void require(RSAKey key) {
        BigInteger modulus = key.getModulus().decodeToBigInteger();
        // The bits of the number: the text of a key may have zeros before it.
        int bits = modulus.bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new IllegalArgumentException(
                    "an RSA key has " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits, this one " + bits);
        }
        BigInteger exponent = key.getPublicExponent().decodeToBigInteger();
        if (!modulus.testBit(0)) {
            throw new IllegalArgumentException("the modulus of an RSA key is odd");
        }
        if (!exponent.testBit(0) || exponent.compareTo(MIN_RSA_EXPONENT) < 0
                || exponent.bitLength() > MAX_RSA_EXPONENT_BITS) {
            throw new IllegalArgumentException("the exponent of an RSA key is odd, from " + MIN_RSA_EXPONENT
                    + " on, and has at most " + MAX_RSA_EXPONENT_BITS + " bits");
        }
        if (RocaFingerprint.isIn(modulus)) {
            throw new IllegalArgumentException(
                    "the RSA key has the flaw ROCA (CVE-2017-15361): others can compute its private key");
        }
    }

    /** Whether verifying with a strong key takes no longer than handing it to another thread does. */
    static boolean isQuick(RSAKey key) {
        return key.getModulus().decodeToBigInteger().bitLength() <= QUICK_RSA_BITS
                && key.getPublicExponent().decodeToBigInteger().bitLength() <= QUICK_RSA_EXPONENT_BITS;
    }

    /** @throws IllegalArgumentException if the key is not strong; the message says why */
    static void require(OctetKeyPair key) {
        byte[] point = key.getDecodedX();
        if (point.length != ED25519_BYTES) {
            throw new IllegalArgumentException("an Ed25519 key has " + ED25519_BYTES + " bytes");
        }
        byte[] number = new byte[ED25519_BYTES];
        for (int i = 0; i < ED25519_BYTES; i++) {
            number[i] = point[ED25519_BYTES - 1 - i];
        }
        // The first bit is the sign of the other coordinate.
        BigInteger coordinate = new BigInteger(1, number).clearBit(255).mod(ED25519_PRIME);
        if (OF_SMALL_ORDER.contains(coordinate)) {
            throw new IllegalArgumentException("the Ed25519 key is of small order, so that anybody could sign");
        }
    }
}
