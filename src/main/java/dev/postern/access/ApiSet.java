package dev.postern.access;

import java.util.Set;

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
}
