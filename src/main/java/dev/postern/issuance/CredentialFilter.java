package dev.postern.issuance;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Selects the credentials to list.
 *
 * @param name  a search term for their names, which puts the best match first; empty for all
 * @param which a condition; empty for all
 */
public record CredentialFilter(Optional<String> name, Optional<Predicate<Candidate>> which) {
    public static final CredentialFilter ALL = new CredentialFilter(Optional.empty(), Optional.empty());

    /** The facts about a credential that a condition can check. */
    public record Candidate(String id, Instant created, Optional<Instant> expires) {}

    boolean isAll() {
        return name.isEmpty() && which.isEmpty();
    }
}
