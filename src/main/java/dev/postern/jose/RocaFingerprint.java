package dev.postern.jose;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Recognizes RSA keys with the ROCA flaw (CVE-2017-15361), which certain smart cards generated. Modulo each small
 * prime, both primes of such a key are powers of 65537, and so is the modulus. One in 240 million other moduli looks
 * the same by chance.
 */
final class RocaFingerprint {
    private static final int GENERATOR = 65537;
    /** Flawed cards generate keys modulo a product of small primes, which has these odd factors at every key length. */
    private static final int[] PRIMES = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73,
            79,
            83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    private static final BitSet[] POWERS = Arrays.stream(PRIMES).mapToObj(RocaFingerprint::powers)
            .toArray(BitSet[]::new);

    private RocaFingerprint() {}

    /** The remainders that powers of the generator leave. */
    private static BitSet powers(int prime) {
        BitSet powers = new BitSet(prime);
        for (int power = 1; !powers.get(power); power = power * (GENERATOR % prime) % prime) {
            powers.set(power);
        }
        return powers;
    }

    static boolean isIn(BigInteger modulus) {
        for (int i = 0; i < PRIMES.length; i++) {
            if (!POWERS[i].get(modulus.mod(BigInteger.valueOf(PRIMES[i])).intValue())) {
                return false;
            }
        }
        return true;
    }
}
