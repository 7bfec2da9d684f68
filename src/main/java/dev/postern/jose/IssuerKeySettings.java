package dev.postern.jose;

import java.time.Duration;

/**
 * How the keys of an issuer are fetched and kept.
 *
 * @param refreshAfter    age at which keys are fetched again, while the old ones stay valid
 * @param expireAfter     age at which keys become invalid
 * @param unknownKeyPause least time between fetches because of tokens that no known key verifies
 * @param retryAfter      least time between a fetch that failed and the next
 * @param timeout         longest time for a fetch, from connecting to the last key
 * @param maxBytes        largest answer
 * @param maxKeys         most keys in an answer; an answer with more is refused, so that no key is missing unnoticed
 */
public record IssuerKeySettings(Duration refreshAfter, Duration expireAfter, Duration unknownKeyPause,
        Duration retryAfter, Duration timeout, int maxBytes, int maxKeys) {
    public IssuerKeySettings {
        requirePositive("refresh-after", refreshAfter);
        requirePositive("unknown-key-pause", unknownKeyPause);
        requirePositive("retry-after", retryAfter);
        requirePositive("timeout", timeout);
        if (expireAfter.compareTo(refreshAfter) < 0) {
            throw new IllegalArgumentException("expire-after must not be less than refresh-after");
        }
        if (maxBytes < 1 || maxKeys < 1) {
            throw new IllegalArgumentException("max-bytes and max-keys must be at least 1");
        }
    }

    private static void requirePositive(String setting, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(setting + " must be more than 0");
        }
    }

    /** Values that suit most issuers. */
    public static IssuerKeySettings defaults() {
        return new IssuerKeySettings(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofSeconds(30),
                Duration.ofSeconds(10), Duration.ofSeconds(3), 256 * 1024, 100);
    }
}
