package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the gate uses its near cache without Redis: {@code postern.outage.*}.
 *
 * @param readGrace How long the gate uses its near cache for calls that only read ({@code GET}) while Redis is down; at
 *     most {@code 24h}.
 * @param writeGrace The same for all other calls.
 */
public record OutageSettings(@DefaultValue("5m") Duration readGrace, @DefaultValue("30s") Duration writeGrace) {
    private static final Duration MOST = Duration.ofHours(24);

    public OutageSettings {
        if (readGrace.isNegative() || writeGrace.isNegative() || readGrace.compareTo(MOST) > 0
                || writeGrace.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "postern.outage.read-grace and write-grace must be from 0 to " + MOST.toHours() + "h");
        }
    }

    long nanos(Patience patience) {
        return switch (patience) {
            case READ -> readGrace.toNanos();
            case WRITE -> writeGrace.toNanos();
            case NONE -> 0;
        };
    }
}
