package dev.postern.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Recorded changes, the latest first.
 *
 * @param next where the next page begins; empty if there are no older entries
 */
public record AuditPage(List<Recorded> changes, Optional<Long> next) {
    /**
     * A recorded change.
     *
     * @param sequence of its first entry
     * @param ended    when it ended; empty if that is not known
     * @param status   the status of the reply; empty if it is not known
     * @param after    what the reply showed
     */
    public record Recorded(long sequence, Instant at, Change change, Outcome outcome, Optional<Instant> ended,
            Optional<Integer> status, @Nullable ObjectNode after) {}
}
