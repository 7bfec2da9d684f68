package dev.postern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports records that this gate cannot read: they were written by hand, or by a newer gate. Each use is counted. Each
 * record is logged once a minute, since its callers keep calling.
 */
public final class UnreadableRecords {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);
    private static final int MAX_TOLD = 1000;
    private static final Duration TOLD_FOR = Duration.ofMinutes(1);

    private final LongAdder uses = new LongAdder();
    private final Cache<String, Boolean> told = Caffeine.newBuilder().maximumSize(MAX_TOLD).expireAfterWrite(TOLD_FOR)
            .executor(Runnable::run).build();

    UnreadableRecords() {}

    /** Counts and logs an unreadable record. */
    public void report(UnreadableRecordException unreadable) {
        uses.increment();
        String message = String.valueOf(unreadable.getMessage());
        if (told.asMap().putIfAbsent(message, true) == null) {
            LOG.error("{}", message);
        }
    }

    /** How often such a record was needed. */
    public long uses() {
        return uses.sum();
    }
}
