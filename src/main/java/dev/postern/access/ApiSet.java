package dev.postern.access;

import java.util.Set;
import java.util.stream.Collectors;

/** Which APIs a rule covers. */
public sealed interface ApiSet {
    /** Every API, and the routes of the operator that are none. */
    record Every() implements ApiSet {}

    /** These APIs only; none of them is no permission at all. */
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
