package dev.postern.console;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A rule as a row of a form.
 *
 * @param number   its place in the form, from 0; part of the names of its fields
 * @param actions  the words of the actions that it permits
 * @param everyApi whether it is valid for every API
 * @param apis     the chosen APIs otherwise
 * @param scope    what {@code chosen} names: {@code all}, {@code devices}, {@code projects} or {@code users}
 * @param chosen   the IDs of the chosen devices, projects or users
 * @param whole    whether it permits whole devices
 * @param streams  the data streams otherwise, one a line
 * @param search   what was typed to find devices, projects or users
 * @param found    what was found, in the order to show it
 */
record RuleRow(int number, List<String> actions, boolean everyApi, List<String> apis, String scope,
        List<String> chosen, boolean whole, String streams, String search, List<Hit> found) {
    static final String ALL = "all";
    static final String DEVICES = "devices";

    /**
     * Something that the search found.
     *
     * @param scope {@code devices}, {@code projects} or {@code users}
     * @param group whether choosing it adds its devices, and not itself
     * @param note  the key of a remark in the messages; may be empty
     */
    record Hit(String scope, String id, String label, boolean group, String note) {}

    RuleRow {
        actions = List.copyOf(actions);
        apis = List.copyOf(apis);
        chosen = List.copyOf(chosen);
        found = List.copyOf(found);
    }

    /** A row for something new: reading, and nothing chosen yet. */
    static RuleRow fresh(int number, String scope) {
        return new RuleRow(number, List.of("get"), true, List.of(), scope, List.of(), true, "", "", List.of());
    }

    RuleRow at(int place) {
        return new RuleRow(place, actions, everyApi, apis, scope, chosen, whole, streams, search, found);
    }

    RuleRow withFound(List<Hit> hits) {
        return new RuleRow(number, actions, everyApi, apis, scope, chosen, whole, streams, search, hits);
    }

    /** Without the search term and what it found. */
    RuleRow withoutSearch() {
        return new RuleRow(number, actions, everyApi, apis, scope, chosen, whole, streams, "", List.of());
    }

    RuleRow withMore(List<String> ids) {
        LinkedHashSet<String> all = new LinkedHashSet<>(chosen);
        all.addAll(ids);
        return new RuleRow(number, actions, everyApi, apis, scope, new ArrayList<>(all), whole, streams, "",
                List.of());
    }

    /** The name of a field of this row. */
    public String field(String name) {
        return "row." + number + "." + name;
    }

    /** Whether there is a search. */
    public boolean searchable() {
        return !scope.equals(ALL);
    }

    /** What the search field sends besides the form. */
    public String searchStep() {
        return "{\"do\":\"search." + number + "\"}";
    }

    public String streamText() {
        return String.join(" ", streamList());
    }

    /** What the view shows of the streams. */
    public List<String> streamList() {
        return ResourceForms.lines(streams);
    }
}
