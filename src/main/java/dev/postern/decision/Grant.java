package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.Rule;
import dev.postern.credential.Permission;
import java.util.List;
import java.util.Optional;

/** What would have to be added to a credential so that it permits a call that was refused. */
public sealed interface Grant {
    /**
     * These rules permit precisely this call.
     *
     * @param index        the index of the credential that they are to be added to
     * @param rules        what to add, as rules
     * @param permissions  the same as permissions of an API key; empty for other kinds of credentials
     * @param stillRefused why the call would be refused even then, for example by the license; empty if it would be
     *                     allowed
     */
    record Added(String index, List<Rule> rules, List<Permission> permissions,
            Optional<AccessDecision.Denied> stillRefused) implements Grant {
        public Added {
            rules = List.copyOf(rules);
            permissions = List.copyOf(permissions);
        }
    }

    /** No rule would permit it. */
    record None(String why) implements Grant {}
}
