package dev.postern.catalog;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import java.util.Map;
import java.util.Set;

/** The result of reading a request against the catalogue. */
public sealed interface Reading {
    /**
     * A request that can be read in only one way.
     *
     * @param request   the access request to decide on
     * @param path      the path for the backend, rebuilt from the parsed segments
     * @param query     the query for the backend, with rebuilt IDs; empty when there is none
     * @param idHeaders headers that contain IDs, rebuilt
     * @param bodyIds   finds the IDs in the body, if the decision needs them
     * @param effect    the effect of the call on the devices of the account
     * @param template  the path of the operation, with placeholders for IDs; empty if it is not in the catalogue
     */
    record Read(AccessRequest request, String path, String query, Map<String, String> idHeaders, BodyIds bodyIds,
            DeviceEffect effect, String template)
            implements
                Reading {}

    /**
     * A request that matches no operation or is ambiguous.
     *
     * @param denied  why
     * @param allowed the methods that the path supports, when only the method is wrong
     */
    record Refused(AccessDecision.Denied denied, Set<String> allowed) implements Reading {
        public static Refused because(DenyReason reason, String detail) {
            return new Refused(new AccessDecision.Denied(reason, detail), Set.of());
        }
    }
}
