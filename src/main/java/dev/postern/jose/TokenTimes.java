package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Checks when a token is valid.
 *
 * @param clockSkew   by how much the clocks of client and gate may differ
 * @param maxLifetime longest time from its issue, or from now, until it expires
 */
public record TokenTimes(Duration clockSkew, Duration maxLifetime) {
    /**
     * Checks {@code exp}, {@code nbf} and {@code iat}.
     *
     * @return the time until which the token is valid, including the skew
     * @throws RefusedTokenException if the token is not valid now, or is valid for too long
     */
    public Instant check(Claims claims, Instant now) {
        Instant expires = claims.requireTime("exp");
        Optional<Instant> issued = claims.time("iat");
        Optional<Instant> notBefore = claims.time("nbf");
        Instant until = expires.plus(clockSkew);
        if (!now.isBefore(until)) {
            throw new RefusedTokenException(DenyReason.TOKEN_EXPIRED, "The token expired at " + expires + ".");
        }
        requirePast("nbf", notBefore, now);
        requirePast("iat", issued, now);
        // Whatever iat says, the gate's own clock limits how long a leaked token can be used.
        if (expires.isAfter(now.plus(maxLifetime).plus(clockSkew))
                || (issued.isPresent() && expires.isAfter(issued.get().plus(maxLifetime)))) {
            throw new RefusedTokenException(DenyReason.TOKEN_LIFETIME_TOO_LONG,
                    "The token is valid until " + expires + ", longer than the allowed " + maxLifetime + ".");
        }
        return until;
    }

    private void requirePast(String claim, Optional<Instant> time, Instant now) {
        if (time.isPresent() && time.get().isAfter(now.plus(clockSkew))) {
            throw new RefusedTokenException(DenyReason.TOKEN_NOT_YET_VALID,
                    "The claim " + claim + " is " + time.get() + ", which is in the future.");
        }
    }
}
