package dev.postern.audit;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The audit log.
 *
 * @param maxEntries The minimum number of entries that the log keeps. Each change takes two. Older entries are dropped.
 */
public record AuditSettings(@DefaultValue("1000000") int maxEntries) {
    private static final int LEAST = 1000;
    private static final int MOST = 100_000_000;

    public AuditSettings {
        if (maxEntries < LEAST || maxEntries > MOST) {
            throw new IllegalArgumentException(
                    "postern.audit.max-entries must be from " + LEAST + " to " + MOST + ", and is " + maxEntries);
        }
    }
}
