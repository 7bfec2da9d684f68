package dev.postern.catalog;

import dev.postern.access.ParameterNames;
import java.util.ArrayList;
import java.util.List;

/**
 * The names on which the decision about an operation hangs. What some server takes for one of them is refused, unless it is
 * itself among them: names that the catalogue tells apart are different ones to the backend.
 *
 * @param parameters the parameters of the query that hold ids, or say how the body is read
 * @param members    the members of the body in which ids are looked for first
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

    /** Refuses a parameter of the query that some server would take for something else than the gate does. */
    void requireClear(String parameter) throws AmbiguousId {
        if (ParameterNames.overridesMethod(parameter)) {
            throw new AmbiguousId("The query overrides the method.");
        }
        boolean known = parameters.contains(parameter);
        for (String member : members) {
            // What the body says here, some servers would take from the query as well.
            if (known ? member.equals(parameter) : ParameterNames.alike(member, parameter)) {
                throw new AmbiguousId("The query repeats the member " + member + " of the body.");
            }
        }
        for (String name : parameters) {
            if (!known && ParameterNames.alike(name, parameter)) {
                throw new AmbiguousId("The parameter " + name + " is spelled in another way.");
            }
        }
    }

    /** Refuses a name of the body from which a server that mixes the two would take what the query says. */
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

    /** Refuses a name of a form that is read as JSON here. */
    void requireNoMember(String name) throws UnreadableBody {
        for (String member : members) {
            if (ParameterNames.alike(member, name)) {
                throw new UnreadableBody(
                        "The body names " + member + " as JSON and as a form. Send it as application/json.");
            }
        }
    }
}
