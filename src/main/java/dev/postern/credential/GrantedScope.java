package dev.postern.credential;

import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceSet;
import dev.postern.access.Rule;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The scope that an access token is granted (RFC 6749, section 3.3): the part of the requested scope that the rules of
 * its application permit. A scope names APIs and actions, but never devices.
 *
 * @param values each an API, or an API and an action; empty if no scope limits the token, not even to the APIs of the
 *               catalogue
 */
public record GrantedScope(Optional<List<String>> values) {
    private static final Set<Action> ALL = EnumSet.allOf(Action.class);

    public GrantedScope {
        values = values.map(List::copyOf);
    }

    /**
     * @param rules     the rules of the application
     * @param asked     the requested scope; empty for everything that the application may do
     * @param catalogue all existing APIs
     */
    public static GrantedScope of(List<Rule> rules, Optional<String> asked, List<ApiId> catalogue) {
        Permitted permitted = new Permitted(rules.stream().filter(GrantedScope::permitsSomething).toList());
        if (asked.isEmpty()) {
            return permitted.isEverything()
                    ? new GrantedScope(Optional.empty())
                    : new GrantedScope(Optional.of(catalogue.stream().sorted(Comparator.comparing(ApiId::value))
                            .flatMap(api -> values(api, permitted.actions(api)).stream()).toList()));
        }
        Set<String> granted = new LinkedHashSet<>();
        for (Scopes.Scope scope : Scopes.of(List.of(asked.get().split(" ", -1))).scopes()) {
            if (catalogue.contains(scope.api())) {
                Set<Action> both = permitted.actions(scope.api());
                both.retainAll(scope.actions());
                granted.addAll(values(scope.api(), both));
            }
        }
        return new GrantedScope(Optional.of(List.copyOf(granted)));
    }

    private static List<String> values(ApiId api, Set<Action> actions) {
        return actions.equals(ALL)
                ? List.of(api.value())
                : actions.stream().map(action -> api + ":" + action.word()).toList();
    }

    private static boolean permitsSomething(Rule rule) {
        return !rule.streams().isEmpty() && switch (rule.devices()) {
            case DeviceSet.AllOfAccount _ -> true;
            case DeviceSet.Only(var devices) -> !devices.isEmpty();
            // The devices in a group can change during the lifetime of the token.
            case DeviceSet.Of(var groups) -> !groups.isEmpty();
        };
    }

    /** The union of what the rules permit. */
    private record Permitted(List<Rule> rules) {
        Set<Action> actions(ApiId api) {
            return union(rules.stream().filter(rule -> rule.apis().contains(api)).toList());
        }

        boolean isEverything() {
            return union(rules.stream().filter(rule -> rule.apis() instanceof ApiSet.Every).toList()).equals(ALL);
        }

        private static Set<Action> union(List<Rule> rules) {
            Set<Action> actions = EnumSet.noneOf(Action.class);
            rules.forEach(rule -> actions.addAll(rule.actions()));
            return actions;
        }
    }

    public boolean isNothing() {
        return values.isPresent() && values.get().isEmpty();
    }

    /** The value of the {@code scope} member; empty if no scope limits the token. */
    public Optional<String> text() {
        return values.map(all -> String.join(" ", all));
    }
}
