package dev.postern.audit;

import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records every change. The entry is written before the change: if it cannot be written, the change is not made. A
 * second entry says how the change ended. If the gate stops before it writes that, the change is shown as
 * {@link Outcome#UNKNOWN}.
 */
public final class AuditLog {
    private final Appender appender;
    private final AuditReader reader;
    private final Clock clock;

    /** @param maxEntries the minimum number of entries to keep; older ones are dropped */
    public AuditLog(RedisStore redis, SecretKeys secrets, Clock clock, int maxEntries) {
        this.appender = new Appender(redis, secrets, maxEntries);
        this.reader = new AuditReader(redis, secrets);
        this.clock = clock;
    }

    /**
     * Records that a change is about to be made. If this fails, do not make the change.
     *
     * @return the sequence number, for {@link #end}
     */
    public Mono<Long> begin(Change change) {
        return Mono.defer(() -> appender.append(new Entry.Begun(now(), change)));
    }

    /**
     * Records how a change ended.
     *
     * @param begun  what {@link #begin} returned
     * @param status the status of the reply
     * @param after  what the reply shows, without secrets; null if nothing
     */
    public Mono<Void> end(long begun, Outcome outcome, int status, @Nullable ObjectNode after) {
        return Mono.defer(() -> appender.append(new Entry.Ended(now(), begun, outcome, status, after))).then();
    }

    /** Lists recorded changes, the latest first. */
    public Mono<AuditPage> list(AuditQuery query) {
        return reader.list(query);
    }

    /** Checks the chain, from the oldest entry that was not dropped to the latest. */
    public Mono<Verification> verify() {
        return reader.verify();
    }

    /** The number of entries that wait to be written. */
    public int waiting() {
        return appender.waiting();
    }

    /** The number of entries that were refused because too many waited. */
    public long refused() {
        return appender.refused();
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
