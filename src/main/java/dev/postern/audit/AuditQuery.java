package dev.postern.audit;

import dev.postern.access.AccountId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which recorded changes to list. An empty member matches all.
 *
 * @param actor  the name of the actor
 * @param action the verb
 * @param target the beginning of the path
 * @param from   the earliest beginning
 * @param to     the latest beginning
 * @param before lists only entries with a smaller sequence number: the {@link AuditPage#next} of the page before
 * @param limit  the largest number of changes
 */
public record AuditQuery(Optional<AccountId> account, Optional<String> actor, Optional<String> action,
        Optional<String> target, Optional<Instant> from, Optional<Instant> to, Optional<Long> before, int limit) {
    /** Entries are in the order of their writing; the clocks of the gates may differ. */
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(5);

    boolean matches(Entry.Begun begun) {
        Change change = begun.change();
        return account.map(wanted -> change.account().filter(wanted::equals).isPresent()).orElse(true)
                && actor.map(change.actor().name()::equals).orElse(true)
                && action.map(change.action()::equals).orElse(true)
                && target.map(change.target()::startsWith).orElse(true)
                && from.map(earliest -> !begun.at().isBefore(earliest)).orElse(true)
                && to.map(latest -> !begun.at().isAfter(latest)).orElse(true);
    }

    /** Whether no older entry can match. */
    boolean isPast(Entry entry) {
        return from.map(earliest -> entry.at().isBefore(earliest.minus(CLOCKS_DIFFER_BY))).orElse(false);
    }
}
