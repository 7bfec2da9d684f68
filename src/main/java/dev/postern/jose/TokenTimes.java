package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a token counts.
 *
 * @param clockSkew   by how much the clocks of client and gate may differ
 * @param maxLifetime longest time between its making, or now, and its end
 */
public record TokenTimes(Duration clockSkew, Duration maxLifetime) {
    /**
     * Checks {@code exp}, {@code nbf} and {@code iat}.
     *
     * @return until when it counts, the skew included
     * @throws RefusedTokenException if it does not count now, or for too long
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
        // Whatever iat says, the gate's own clock bounds how long a token that leaked can be used.
        if (expires.isAfter(now.plus(maxLifetime).plus(clockSkew))
                || (issued.isPresent() && expires.isAfter(issued.get().plus(maxLifetime)))) {
            throw new RefusedTokenException(DenyReason.TOKEN_LIFETIME_TOO_LONG,
                    "The token is valid until " + expires + ", and may be for " + maxLifetime + ".");
        }
        return until;
    }

    private void requirePast(String claim, Optional<Instant> time, Instant now) {
        if (time.isPresent() && time.get().isAfter(now.plus(clockSkew))) {
            throw new RefusedTokenException(DenyReason.TOKEN_NOT_YET_VALID,
                    "The claim " + claim + " is " + time.get() + ", which is yet to come.");
        }
    }
}
