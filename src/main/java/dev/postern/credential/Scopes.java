package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parsed scope of an OAuth token. Each value is an API, {@code datapoints}, or an API and an action,
 * {@code datapoints:get}.
 */
public record Scopes(List<Scope> scopes) {
    /** One value. */
    record Scope(ApiId api, Set<Action> actions) {}

    /** Parses these values. A value that is not a scope of this gate permits nothing. */
    public static Scopes of(List<String> values) {
        return new Scopes(values.stream().map(Scopes::scope).flatMap(Optional::stream).toList());
    }

    /** Parses one value; empty if it is not a scope of this gate. */
    public static Optional<Scope> scope(String value) {
        int colon = value.lastIndexOf(':');
        Optional<Action> action = colon < 0 ? Optional.empty() : Action.named(value.substring(colon + 1));
        String api = action.isPresent() ? value.substring(0, colon) : value;
        return ApiId.isValid(api)
                ? Optional.of(new Scope(new ApiId(api),
                        action.<Set<Action>>map(EnumSet::of).orElseGet(() -> EnumSet.allOf(Action.class))))
                : Optional.empty();
    }

    /**
     * Narrows rules to these scopes; without scopes, the rules permit no API. Scopes with the same actions are merged
     * into one rule, so that the permissions do not grow with the number of scopes.
     */
    public List<Rule> narrow(List<Rule> rules) {
        Map<Set<Action>, Set<ApiId>> apis = new LinkedHashMap<>();
        scopes.forEach(scope -> apis.computeIfAbsent(scope.actions(), _ -> new HashSet<>()).add(scope.api()));
        if (apis.isEmpty()) {
            apis.put(EnumSet.allOf(Action.class), Set.of());
        }
        List<Rule> narrowed = new ArrayList<>();
        for (Rule rule : rules) {
            apis.forEach((actions, these) -> {
                Set<Action> both = EnumSet.noneOf(Action.class);
                both.addAll(rule.actions());
                both.retainAll(actions);
                narrowed.add(new Rule(rule.apis().intersection(new ApiSet.Only(these)), both, rule.devices(),
                        rule.streams()));
            });
        }
        return narrowed;
    }
}
