package dev.postern.access;

import java.util.Set;
import java.util.stream.Collectors;

/** Which APIs a rule covers. */
public sealed interface ApiSet {
    /** Every API, and the operator's own routes. */
    record Every() implements ApiSet {}

    /** These APIs only; the empty set permits nothing. */
    record Only(Set<ApiId> apis) implements ApiSet {
        public Only {
            apis = Set.copyOf(apis);
        }
    }

    default boolean contains(ApiId api) {
        return switch (this) {
            case Every() -> true;
            case Only(var apis) -> apis.contains(api);
        };
    }

    /** The APIs that are in both. */
    default ApiSet intersection(ApiSet other) {
        return switch (this) {
            case Every() -> other;
            case Only(var mine) -> new Only(mine.stream().filter(other::contains).collect(Collectors.toSet()));
        };
    }
}
