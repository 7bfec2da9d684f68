package dev.postern.catalog;

import dev.postern.access.RequestTarget;
import java.util.List;
import java.util.Optional;

/** A format in which a body contains IDs. */
sealed interface BodyFormat permits JsonIds, OneNetDatapoints {
    /**
     * Every ID in the body, as text; the caller must still check that each is a valid ID.
     *
     * @throws UnreadableBody if the IDs in the body are ambiguous
     */
    List<String> ids(BodyText body, RequestTarget target) throws UnreadableBody;

    /** The top-level member of the body where the search for IDs starts. */
    String member();

    /** Member names from the top level down to the IDs, if they are in the same place in every body. */
    default List<String> path() {
        return List.of();
    }

    /** The query parameter that selects how to read the body, if there is one. */
    default Optional<String> parameter() {
        return Optional.empty();
    }
}
