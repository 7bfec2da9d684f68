package dev.postern.jose;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** How many fetches all issuers together may make because of tokens that no known key verifies: a bucket that fills up evenly. */
public final class FetchBudget {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int LEAST = 10;

    private final Duration per;
    private final Duration refill;
    private final Clock clock;
    /** When the bucket is full again. */
    private Instant full = Instant.MIN;

    /**
     * @param fetches how many may come at once
     * @param per     in what time so many come back
     */
    public FetchBudget(int fetches, Duration per, Clock clock) {
        if (fetches < 1 || !per.isPositive()) {
            throw new IllegalArgumentException("a budget has at least one fetch in a time of more than 0");
        }
        this.per = per;
        this.refill = per.dividedBy(fetches);
        this.clock = clock;
    }

    /**
     * For so many issuers with these settings. Has as many fetches for each as its pause allows: with fewer, forged tokens of
     * some issuers would use up those of others.
     */
    public static FetchBudget of(int issuers, IssuerKeySettings settings, Clock clock) {
        int ofEach = Math.toIntExact(MINUTE.dividedBy(settings.unknownKeyPause()) + 1);
        return new FetchBudget(Math.max(LEAST, ofEach * issuers), MINUTE, clock);
    }

    /** Whether one more may be made; if so, it is counted. */
    synchronized boolean take() {
        Instant now = clock.instant();
        Instant empty = now.plus(per);
        if (full.isAfter(empty)) {
            // The clock was put back.
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
