package dev.postern.store;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a gate remembers of Redis: {@code postern.cache.*}.
 *
 * @param timeToLive     how long at most a record counts as it was read, even if nobody tells of a change
 * @param absentFor      the same for a record that was not there
 * @param size           how much memory the records may take
 * @param logLength      how many changes the log keeps for gates that come back to it
 * @param responseHeader whether replies say how old at most what they were decided on may be
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
