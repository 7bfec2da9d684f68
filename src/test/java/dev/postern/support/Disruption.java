package dev.postern.support;

import java.time.Duration;
import java.util.Random;

/**
 * A disruption between gates and their Redis.
 *
 * @param gate the number of the gate that is affected; {@link #ALL} if Redis itself is down
 */
public record Disruption(Kind kind, int gate, Duration length) {
    public static final int ALL = -1;

    /** What happens. */
    public enum Kind {
        KILLED, STANDING_STILL, CUT_OFF, LOG_TRIMMED
    }

    public static Disruption random(Random random, int gates, Duration longest) {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        boolean all = kind == Kind.KILLED || kind == Kind.STANDING_STILL;
        return new Disruption(kind, all ? ALL : random.nextInt(gates),
                Duration.ofMillis(random.nextLong(longest.toMillis())));
    }

    public boolean isOf(int other) {
        return gate == ALL || gate == other;
    }
}
