package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The near cache: {@code postern.cache.*}.
 *
 * @param timeToLive How long a record is used after it was read, even if no change is reported; at most {@code 1h}.
 * @param absentFor How long the gate remembers that a record does not exist; at most {@code time-to-live}.
 * @param size Roughly how much memory the cached records may take.
 * @param logLength How many changes Redis keeps for gates that reconnect; 1000 to 10000000.
 * @param responseHeader Whether replies carry {@code X-Postern-Staleness}, which says by how many seconds the
 *     decision may be behind Redis, and the state of the gate.
 */
public record CacheSettings(@DefaultValue("30s") Duration timeToLive, @DefaultValue("2s") Duration absentFor,
        @DefaultValue("64MB") DataSize size, @DefaultValue("100000") int logLength,
        @DefaultValue("false") boolean responseHeader) {
    public CacheSettings {
        if (timeToLive.isNegative() || timeToLive.compareTo(Duration.ofHours(1)) > 0 || absentFor.isNegative()
                || absentFor.compareTo(timeToLive) > 0) {
            throw new IllegalArgumentException("postern.cache.time-to-live must be from 0 to 1h, and absent-for from 0"
                    + " to time-to-live");
        }
        if (size.isNegative()) {
            throw new IllegalArgumentException("postern.cache.size must not be negative");
        }
        if (logLength < 1000 || logLength > 10_000_000) {
            throw new IllegalArgumentException("postern.cache.log-length must be from 1000 to 10000000");
        }
    }
}
