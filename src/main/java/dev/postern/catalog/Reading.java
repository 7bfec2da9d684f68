package dev.postern.catalog;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import java.util.Map;
import java.util.Set;

/** What the catalogue makes of a request. */
public sealed interface Reading {
    /**
     * A request that can be understood in one way only.
     *
     * @param request   the question to decide
     * @param path      the path for the backend, rebuilt from the typed ids
     * @param query     the query for the backend, ids rebuilt; empty when there is none
     * @param idHeaders headers that hold ids, rebuilt
     * @param bodyIds   finds the ids of the body, where the decision needs them
     * @param effect    what the call does to the devices of the account
     */
    record Read(AccessRequest request, String path, String query, Map<String, String> idHeaders, BodyIds bodyIds,
            DeviceEffect effect)
            implements
                Reading {}

    /**
     * A request that no operation takes, or that cannot be understood.
     *
     * @param denied  why
     * @param allowed the methods that the path has, when only the method is wrong
     */
    record Refused(AccessDecision.Denied denied, Set<String> allowed) implements Reading {
        public static Refused because(DenyReason reason, String detail) {
            return new Refused(new AccessDecision.Denied(reason, detail), Set.of());
        }
    }
}
