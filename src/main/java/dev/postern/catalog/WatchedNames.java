package dev.postern.catalog;

import dev.postern.access.ParameterNames;
import java.util.ArrayList;
import java.util.List;

/**
 * The names that the decision about an operation depends on. A name that some server would treat as one of them is
 * refused, unless it is itself in the list: names that the catalogue distinguishes are different to the backend.
 *
 * @param parameters the query parameters that contain IDs or select how to read the body
 * @param members    the top-level members of the body that contain IDs
 */
record WatchedNames(List<String> parameters, List<String> members) {
    static WatchedNames of(List<IdSource> devices, List<IdSource> streams) {
        List<IdSource> sources = new ArrayList<>(devices);
        sources.addAll(streams);
        List<String> parameters = new ArrayList<>();
        List<String> members = new ArrayList<>();
        for (IdSource source : sources) {
            switch (source) {
                case IdSource.Query(var name) -> parameters.add(name);
                case IdSource.Body(var format) -> {
                    format.parameter().ifPresent(parameters::add);
                    members.add(format.member());
                }
                case IdSource.Header _ -> {
                }
            }
        }
        return new WatchedNames(List.copyOf(parameters), List.copyOf(members));
    }

    /** Refuses a query parameter that some server would interpret differently from the gate. */
    void requireClear(String parameter) throws AmbiguousId {
        if (ParameterNames.overridesMethod(parameter)) {
            throw new AmbiguousId("The query overrides the method.");
        }
        boolean known = parameters.contains(parameter);
        for (String member : members) {
            // Some servers would also read this member of the body from the query.
            if (known ? member.equals(parameter) : ParameterNames.alike(member, parameter)) {
                throw new AmbiguousId("The query repeats the member " + member + " of the body.");
            }
        }
        for (String name : parameters) {
            if (!known && ParameterNames.alike(name, parameter)) {
                throw new AmbiguousId("The query contains another spelling of the parameter " + name + ".");
            }
        }
    }

    /**
     * Refuses a name in the body that a server which merges body and query would treat as one of the query parameters.
     */
    void requireNotRepeated(String name) throws UnreadableBody {
        boolean known = members.contains(name);
        for (String parameter : parameters) {
            if (known ? parameter.equals(name) : ParameterNames.alike(parameter, name)) {
                throw new UnreadableBody("The body repeats the parameter " + parameter + " of the query.");
            }
        }
        if (ParameterNames.overridesMethod(name)) {
            throw new UnreadableBody("The body overrides the method.");
        }
    }

    /** Refuses a form field whose name resembles a member that the gate reads as JSON. */
    void requireNoMember(String name) throws UnreadableBody {
        for (String member : members) {
            if (ParameterNames.alike(member, name)) {
                throw new UnreadableBody(
                        "The body contains " + member + " both as JSON and as a form. Send it as application/json.");
            }
        }
    }
}
