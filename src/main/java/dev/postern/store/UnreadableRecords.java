package dev.postern.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records that this gate cannot read: somebody wrote by hand, or a newer gate did. Each use of one is counted, and the operator is
 * told once a minute of each, as whoever calls with it calls again.
 */
public final class UnreadableRecords {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);
    private static final int MAX_TOLD = 1000;
    private static final Duration TOLD_FOR = Duration.ofMinutes(1);

    private final LongAdder uses = new LongAdder();
    private final Cache<String, Boolean> told = Caffeine.newBuilder().maximumSize(MAX_TOLD).expireAfterWrite(TOLD_FOR)
            .executor(Runnable::run).build();

    UnreadableRecords() {}

    /** Says which record it is. */
    public void report(UnreadableRecordException unreadable) {
        uses.increment();
        String message = String.valueOf(unreadable.getMessage());
        if (told.asMap().putIfAbsent(message, true) == null) {
            LOG.error("{}", message);
        }
    }

    /** How often one was needed. */
    public long uses() {
        return uses.sum();
    }
}
