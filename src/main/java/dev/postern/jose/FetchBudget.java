package dev.postern.jose;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Limits how many fetches from all issuers together may be caused by tokens that no known key verifies. A token bucket
 * that refills evenly.
 */
public final class FetchBudget {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int LEAST = 10;

    private final Duration per;
    private final Duration refill;
    private final Clock clock;
    /** When the bucket is full again. */
    private Instant full = Instant.MIN;

    /**
     * @param fetches how many fetches may be made at once
     * @param per     the time in which the bucket refills completely
     */
    FetchBudget(int fetches, Duration per, Clock clock) {
        if (fetches < 1 || !per.isPositive()) {
            throw new IllegalArgumentException("a budget must have at least one fetch and a time of more than 0");
        }
        this.per = per;
        this.refill = per.dividedBy(fetches);
        this.clock = clock;
    }

    /**
     * A budget for this number of issuers. It has as many fetches for each issuer as its pause allows; with fewer,
     * forged tokens of some issuers would use up the fetches of others.
     */
    public static FetchBudget of(int issuers, IssuerKeySettings settings, Clock clock) {
        int ofEach = Math.toIntExact(MINUTE.dividedBy(settings.unknownKeyPause()) + 1);
        return new FetchBudget(Math.max(LEAST, ofEach * issuers), MINUTE, clock);
    }

    /** Takes one fetch from the budget; false if none is left. */
    synchronized boolean take() {
        Instant now = clock.instant();
        Instant empty = now.plus(per);
        if (full.isAfter(empty)) {
            // The clock was set back.
            full = empty;
        }
        Instant after = (full.isAfter(now) ? full : now).plus(refill);
        if (after.isAfter(empty)) {
            return false;
        }
        full = after;
        return true;
    }
}
