package dev.postern.decision;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The recent decisions that a gate keeps in memory, to replay them under changed rules: {@code
 * postern.recent-decisions.*}.
 *
 * @param enabled Whether the gate keeps recent decisions: which credential called which devices and streams, from which
 *     address, and the outcome. They contain no secrets.
 * @param size How many decisions the gate keeps, of all accounts together; each account has an equal share.
 * @param keepFor How long a decision is kept at most.
 */
public record RecentDecisionsSettings(@DefaultValue("false") boolean enabled, @DefaultValue("20000") int size,
        @DefaultValue("24h") Duration keepFor) {
    private static final int LEAST = 100;
    private static final int MOST = 1_000_000;
    private static final Duration LONGEST = Duration.ofDays(31);

    public RecentDecisionsSettings {
        if (size < LEAST || size > MOST) {
            throw new IllegalArgumentException(
                    "postern.recent-decisions.size must be from " + LEAST + " to " + MOST + ", and is " + size);
        }
        if (keepFor.isNegative() || keepFor.isZero() || keepFor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("postern.recent-decisions.keep-for must be more than 0 and at most "
                    + LONGEST.toDays() + "d");
        }
    }
}
