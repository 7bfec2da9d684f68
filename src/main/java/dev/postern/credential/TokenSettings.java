package dev.postern.credential;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How tokens are issued and verified: {@code postern.tokens.*}.
 *
 * @param maxLifetime The longest lifetime of a token that a client makes.
 * @param clockSkew How far the clocks of clients and gates may differ.
 * @param audience What {@code aud} of a token that a client makes must contain, if it has one.
 * @param rsaKeyBits The length of the keys of new RSA open tokens: 2048, 3072 or 4096.
 * @param accessTokenLifetime The lifetime of an application's access token.
 * @param secretOverlap How long the old secret of a credential stays valid after a new one was made, if the call does
 *     not say.
 * @param maxSecretOverlap The longest overlap that a call can request.
 * @param terminalLifetime The lifetime of a terminal's token.
 * @param maxTerminals How many terminals an application may have.
 * @param maxPerAccount How many credentials of each kind an account may have.
 * @param verifiers How many threads verify signatures with public keys, and decrypt tokens.
 * @param maxWaiting How many tokens may wait for a verifier thread. Further ones are refused with {@code
 *     verification_busy}.
 * @param rememberFor How long a verified credential may be remembered.
 * @param rememberSize Roughly how much memory the remembered credentials may take.
 * @param maxOpenKeys How many token keys are kept parsed and ready for use.
 */
public record TokenSettings(@DefaultValue("24h") Duration maxLifetime, @DefaultValue("60s") Duration clockSkew,
        @DefaultValue("postern") String audience, @DefaultValue("2048") int rsaKeyBits,
        @DefaultValue("2h") Duration accessTokenLifetime, @DefaultValue("24h") Duration secretOverlap,
        @DefaultValue("90d") Duration maxSecretOverlap,
        @DefaultValue("90d") Duration terminalLifetime, @DefaultValue("100000") int maxTerminals,
        @DefaultValue("1000") int maxPerAccount, @DefaultValue("2") int verifiers,
        @DefaultValue("256") int maxWaiting, @DefaultValue("10m") Duration rememberFor,
        @DefaultValue("64MB") DataSize rememberSize, @DefaultValue("1000") int maxOpenKeys) {
    /** @throws IllegalArgumentException if a setting is out of its range; the message says which */
    public TokenSettings {
        requireWithin("max-lifetime", maxLifetime, Duration.ofMinutes(1), Duration.ofDays(365));
        requireWithin("clock-skew", clockSkew, Duration.ZERO, Duration.ofMinutes(10));
        requireWithin("access-token-lifetime", accessTokenLifetime, Duration.ofSeconds(1), Duration.ofDays(365));
        requireWithin("secret-overlap", secretOverlap, Duration.ZERO, Duration.ofDays(365));
        requireWithin("max-secret-overlap", maxSecretOverlap, Duration.ZERO, Duration.ofDays(365));
        requireWithin("terminal-lifetime", terminalLifetime, Duration.ofDays(1), Duration.ofDays(3650));
        requireWithin("remember-for", rememberFor, Duration.ZERO, Duration.ofHours(24));
        if (rsaKeyBits != 2048 && rsaKeyBits != 3072 && rsaKeyBits != 4096) {
            throw new IllegalArgumentException("postern.tokens.rsa-key-bits must be 2048, 3072 or 4096");
        }
        requireWithin("max-terminals", maxTerminals, 10_000_000);
        requireWithin("max-per-account", maxPerAccount, 1_000_000);
        requireWithin("verifiers", verifiers, 64);
        requireWithin("max-waiting", maxWaiting, 100_000);
        requireWithin("max-open-keys", maxOpenKeys, 1_000_000);
        if (audience.isBlank()) {
            throw new IllegalArgumentException("postern.tokens.audience must not be empty");
        }
    }

    private static void requireWithin(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "postern.tokens." + name + " must be from " + least + " to " + most);
        }
    }

    private static void requireWithin(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("postern.tokens." + name + " must be from 1 to " + most);
        }
    }
}
