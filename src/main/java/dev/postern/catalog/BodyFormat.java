package dev.postern.catalog;

import dev.postern.access.RequestTarget;
import java.util.List;
import java.util.Optional;

/** A way in which ids stand in a body. */
sealed interface BodyFormat permits JsonIds, OneNetDatapoints {
    /**
     * Every id in the body, as text; each is still to be checked against the alphabet of ids.
     *
     * @throws UnreadableBody if there is any doubt about what the body names
     */
    List<String> ids(BodyText body, RequestTarget target) throws UnreadableBody;

    /** The member of the body in which ids are looked for first. */
    String member();

    /** Member names from the top to the ids, where every body that is read has them in the same place. */
    default List<String> path() {
        return List.of();
    }

    /** The query parameter that says how the body is to be read, where there is one. */
    default Optional<String> parameter() {
        return Optional.empty();
    }
}
