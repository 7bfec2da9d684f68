package dev.postern.loadtest;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A ratio that the project wants to reach.
 *
 * @param limit the largest ratio
 */
record Goal(String text, Scenario scenario, String ours, Scenario theirScenario, String theirs, double limit) {
    private static final String EXPRESS = "Postern express, API key";
    private static final String EXPRESS_JWT = "Postern express, JWT RS256";
    private static final String LUA = "nginx + Lua, rules in memory";

    /** Whose latencies are compared. */
    static final Set<String> LATENCIES = Set.of(EXPRESS, LUA, "nginx, no check", "Spring Cloud Gateway, no check");

    /** The contestants of the first goal; with TLS, their names are longer. */
    static final Set<String> MAIN_PAIR = Set.of(EXPRESS, LUA);

    private Goal(String text, Scenario scenario, String ours, String theirs, double limit) {
        this(text, scenario, ours, scenario, theirs, limit);
    }

    static final List<Goal> ALL = List.of(
            new Goal("express, API key ÷ nginx + Lua, rules in memory", Scenario.GET, EXPRESS, LUA, 0.75),
            new Goal("express, API key ÷ nginx without a check", Scenario.GET, EXPRESS, "nginx, no check", 1.3),
            new Goal("express, JWT ÷ HAProxy, JWT RS256", Scenario.GET, EXPRESS_JWT, "HAProxy, JWT RS256", 0.35),
            new Goal("express, JWT ÷ Spring Cloud Gateway + Security", Scenario.GET, EXPRESS_JWT,
                    "Spring Cloud Gateway + Security, RS256", 0.04),
            new Goal("express, data points with a stream check ÷ nginx + Lua", Scenario.POINTS, EXPRESS, LUA, 0.75),
            new Goal("chain, API key ÷ Spring Cloud Gateway without a check", Scenario.GET, "Postern chain, API key",
                    "Spring Cloud Gateway, no check", 1.0),
            new Goal("express, a refusal ÷ nginx + Lua's refusal", Scenario.REFUSALS, EXPRESS, LUA, 1.0),
            new Goal("express, a refusal that asks Redis ÷ nginx + Lua's that asks Redis", Scenario.FLOOD, EXPRESS,
                    "nginx + Lua, asks Redis", 1.0),
            new Goal("express, many keys and devices ÷ one", Scenario.MANY, EXPRESS, Scenario.GET, EXPRESS, 1.1));

    /** Whether any goal needs this figure. */
    static boolean compares(Scenario scenario, String contestant) {
        return ALL.stream().anyMatch(goal -> (goal.scenario == scenario && goal.ours.equals(contestant))
                || (goal.theirScenario == scenario && goal.theirs.equals(contestant)));
    }

    OptionalDouble reached(Results results) {
        OptionalDouble a = results.cpu(scenario, ours);
        OptionalDouble b = results.cpu(theirScenario, theirs);
        return a.isPresent() && b.isPresent() ? OptionalDouble.of(a.getAsDouble() / b.getAsDouble())
                : OptionalDouble.empty();
    }
}
