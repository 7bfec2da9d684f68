package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.Rule;
import dev.postern.account.DeviceGroups;
import dev.postern.catalog.Catalog;
import dev.postern.credential.RuleJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Checks the references in a body: APIs must be in the catalogue, and projects and users must exist in the account. */
final class References {
    /** The maximum number of names in one error message. */
    private static final int MAX_NAMED = 5;

    private final Supplier<Catalog> catalog;
    private final DeviceGroups groups;

    References(Supplier<Catalog> catalog, DeviceGroups groups) {
        this.catalog = catalog;
        this.groups = groups;
    }

    /** Reads the list {@code apis}. */
    Set<ApiId> apis(JsonInput input) {
        Set<ApiId> apis = input.ids("apis", RuleJson.MAX_ENTRIES, ApiId::isValid, ApiId::new);
        requireKnown("apis", input.required("apis"));
        return apis;
    }

    private void requireKnown(String where, @Nullable JsonNode apis) {
        if (apis == null || !apis.isArray()) {
            return;
        }
        for (int i = 0; i < apis.size(); i++) {
            if (!catalog.get().has(new ApiId(apis.required(i).stringValue()))) {
                throw new ProblemException(Problem.FIELD_INVALID,
                        where + "[" + i + "] is not an API of the catalogue");
            }
        }
    }

    /** Reads the list {@code projects}. */
    Mono<Set<String>> projects(AccountId account, JsonInput input) {
        return groups(account, input, DeviceGroup.Kind.PROJECT, RuleJson.MAX_GROUPS);
    }

    /** Reads the list {@code users}. */
    Mono<Set<String>> users(AccountId account, JsonInput input) {
        return groups(account, input, DeviceGroup.Kind.USER, RuleJson.MAX_ENTRIES);
    }

    private Mono<Set<String>> groups(AccountId account, JsonInput input, DeviceGroup.Kind kind, int max) {
        String member = plural(kind);
        Set<String> ids = input.ids(member, max, DeviceGroup::isValid, id -> id);
        Map<DeviceGroup, String> places = new LinkedHashMap<>();
        addPlaces(places, member, input.required(member), kind);
        return requireThere(account, places).thenReturn(ids);
    }

    /** Reads the list {@code rules}. */
    Mono<List<Rule>> rules(AccountId account, JsonInput input) {
        List<Rule> rules = input.rules("rules");
        JsonNode json = input.required("rules");
        Map<DeviceGroup, String> places = new LinkedHashMap<>();
        for (int i = 0; i < json.size(); i++) {
            String where = "rules[" + i + "].";
            JsonNode rule = json.required(i);
            requireKnown(where + "apis", rule.get("apis"));
            for (DeviceGroup.Kind kind : DeviceGroup.Kind.values()) {
                addPlaces(places, where + plural(kind), rule.get(plural(kind)), kind);
            }
        }
        return requireThere(account, places).thenReturn(rules);
    }

    /** Reads the list {@code rules}. If it is missing, returns one rule for everything in the account. */
    Mono<List<Rule>> rulesOrEverything(AccountId account, JsonInput input) {
        return input.has("rules") ? rules(account, input) : Mono.just(RuleJson.everything());
    }

    private static String plural(DeviceGroup.Kind kind) {
        return kind.word() + "s";
    }

    private static void addPlaces(Map<DeviceGroup, String> places, String where, @Nullable JsonNode ids,
            DeviceGroup.Kind kind) {
        if (ids == null) {
            return;
        }
        for (int i = 0; i < ids.size(); i++) {
            places.putIfAbsent(new DeviceGroup(kind, ids.required(i).stringValue()), where + "[" + i + "]");
        }
    }

    private Mono<Void> requireThere(AccountId account, Map<DeviceGroup, String> places) {
        return groups.missing(account, places.keySet()).flatMap(missing -> {
            if (missing.isEmpty()) {
                return Mono.empty();
            }
            Set<DeviceGroup> gone = Set.copyOf(missing);
            String named = places.entrySet().stream().filter(place -> gone.contains(place.getKey()))
                    .limit(MAX_NAMED).map(place -> place.getValue() + ", " + place.getKey())
                    .collect(Collectors.joining("; "));
            return Mono.error(new ProblemException(Problem.FIELD_INVALID, "The account does not have: " + named
                    + (gone.size() > MAX_NAMED ? "; and " + (gone.size() - MAX_NAMED) + " more" : "")));
        });
    }
}
