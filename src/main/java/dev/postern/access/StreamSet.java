package dev.postern.access;

import java.util.HashSet;
import java.util.Set;

/** Which data streams of a device a rule covers. */
public sealed interface StreamSet {
    /** Every stream, and the device itself. */
    record WholeDevice() implements StreamSet {}

    /** These streams only; the empty set permits nothing. */
    record Only(Set<StreamId> streams) implements StreamSet {
        public Only {
            streams = Set.copyOf(streams);
        }
    }

    /** Whether it covers nothing at all. */
    default boolean isEmpty() {
        return this instanceof Only(var streams) && streams.isEmpty();
    }

    default StreamSet union(StreamSet other) {
        return switch (this) {
            case WholeDevice whole -> whole;
            case Only(var mine) -> switch (other) {
                case WholeDevice whole -> whole;
                case Only(var theirs) -> {
                    Set<StreamId> both = new HashSet<>(mine);
                    both.addAll(theirs);
                    yield new Only(both);
                }
            };
        };
    }
}
