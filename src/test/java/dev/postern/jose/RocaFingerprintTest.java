package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RocaFingerprintTest {
    private static final BigInteger F4 = BigInteger.valueOf(65537);
    private static final Random RANDOM = new Random(15361);

    /**
     * A modulus as the faulty library made them: each factor is {@code k * m + 65537^a mod m}, where m is a primorial.
     * The factors of the library are prime as well. Primes take long to find, and make no difference to the
     * fingerprint.
     */
    private static BigInteger flawed(int bits, int smallPrimes) {
        BigInteger primorial = BigInteger.ONE;
        BigInteger prime = BigInteger.TWO;
        for (int i = 0; i < smallPrimes; i++) {
            primorial = primorial.multiply(prime);
            prime = prime.nextProbablePrime();
        }
        BigInteger modulus = BigInteger.ZERO;
        while (modulus.bitLength() != bits) {
            modulus = flawedFactor(bits / 2, primorial).multiply(flawedFactor(bits / 2, primorial));
        }
        return modulus;
    }

    private static BigInteger flawedFactor(int bits, BigInteger primorial) {
        BigInteger power = F4.modPow(new BigInteger(bits, RANDOM), primorial);
        return new BigInteger(bits - primorial.bitLength() + 1, RANDOM).multiply(primorial).add(power);
    }

    private static RSAKey key(BigInteger modulus) {
        return new RSAKey.Builder(Base64URL.encode(modulus), Base64URL.encode(F4)).keyID("card").build();
    }

    @ParameterizedTest
    @CsvSource({"2048,126", "3072,126", "3968,225"})
    void refusesKeysWithTheFlawWhereverTheyComeFrom(int bits, int smallPrimes) throws GeneralSecurityException {
        RSAKey flawed = key(flawed(bits, smallPrimes));
        String pem = Tokens.pem(KeyFactory.getInstance("RSA").generatePublic(
                new RSAPublicKeySpec(flawed.getModulus().decodeToBigInteger(), F4)), "PUBLIC KEY");

        for (String text : List.of(flawed.toJSONString(), pem)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> VerificationKey.ofPublic(PublicKeys.read(text), PublicKeys.REGISTERED))
                    .withMessageContaining("CVE-2017-15361");
        }
        byte[] keySet = ("{\"keys\":[" + flawed + "]}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> KeySet.read(keySet, List.of("RS256", "PS512"), 5, KeySet.NONE))
                .hasMessage("no usable key");
    }

    @Test
    void acceptsKeysOfOtherLibraries() {
        for (int i = 0; i < 20; i++) {
            RSAPublicKey key = (RSAPublicKey) Tokens.rsa(2048).getPublic();
            assertThat(RocaFingerprint.isIn(key.getModulus())).isFalse();
        }
    }

    @Test
    void acceptsAModulusThatMatchesForSomePrimesOnly() {
        BigInteger modulus = flawed(2048, 126);

        assertThat(RocaFingerprint.isIn(modulus)).isTrue();
        assertThat(RocaFingerprint.isIn(modulus.add(BigInteger.TWO))).isFalse();
        assertThat(RocaFingerprint.isIn(modulus.multiply(BigInteger.valueOf(167)))).isFalse();
    }
}
