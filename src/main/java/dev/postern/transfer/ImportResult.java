package dev.postern.transfer;

import dev.postern.access.AccountId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What happened, or would happen, to a resource.
 *
 * @param line    the line of the document, counted from 1; empty for a resource that only the store has
 * @param subject the resource; empty if the line does not name one
 * @param members the members that differ, if it was changed
 * @param fault   why the line was refused
 */
public record ImportResult(Optional<Long> line, Optional<Subject> subject, What what, List<String> members,
        Optional<LineFault> fault) {
    public ImportResult {
        members = List.copyOf(members);
    }

    /**
     * A resource.
     *
     * @param id empty for the account itself, and for its license
     */
    public record Subject(ResourceKind kind, AccountId account, String id) {
        static Subject of(Resource resource) {
            return new Subject(resource.kind(), resource.account(), resource.id());
        }
    }

    /** The kinds of results. */
    public enum What {
        CREATED, CHANGED, UNCHANGED, DELETED, REFUSED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static ImportResult refused(Optional<Long> line, Optional<Subject> subject, LineFault fault) {
        return new ImportResult(line, subject, What.REFUSED, List.of(), Optional.of(fault));
    }
}
