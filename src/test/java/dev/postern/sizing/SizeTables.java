package dev.postern.sizing;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the model says about a load, as tables in Markdown. */
final class SizeTables {
    private static final double GIGA = 1e9;
    private static final double MEGA = 1e6;
    private static final double THOUSAND = 1e3;
    private static final int PERCENT = 100;
    /** The most that {@code postern.license.remember-for} may be. */
    private static final int LONGEST_REMEMBERED = 60;

    private SizeTables() {}

    /** How keys are used. */
    enum Use {
        UNEQUAL("unequal", 1, false, "#0b6e4f"),
        UNEQUAL_STICKY("unequal, sticky", 1, true, "#3c78c8"),
        EQUAL("equal", 0, false, "#d98c21"),
        EQUAL_STICKY("equal, sticky", 0, true, "#7b5ea7");

        private final String word;
        private final double exponent;
        private final boolean sticky;
        private final String color;

        Use(String word, double exponent, boolean sticky, String color) {
            this.word = word;
            this.exponent = exponent;
            this.sticky = sticky;
            this.color = color;
        }

        String word() {
            return word;
        }

        /** How its line is drawn. */
        String stroke() {
            return "stroke=\"" + color + "\" stroke-width=\"2.5\"" + (sticky ? " stroke-dasharray=\"7 4\"" : "");
        }

        Plan plan(double calls) {
            return Plan.of(Deployments.with(Map.of("calls", calls, "exponent", exponent, "sticky", sticky)));
        }
    }

    /** How many gates and primaries are needed. */
    static String needs(List<Plan> plans, List<String> names) {
        StringBuilder text = new StringBuilder("""
                | calls per second | use of keys | gates | credentials in memory | devices in memory | busy threads \
                of Redis | primaries | first bottleneck | keys in use at a gate |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            text.append(String.format(Locale.ROOT, "| %,.0f | %s | %d | %s | %s | %s | %d | %s | %,.0f |%n",
                    plan.load().calls(), names.get(i), plan.gates(), percent(plan.demand().records().hitRate()),
                    percent(plan.demand().seats().hitRate()), threads(plan.allThreads()), plan.primaries(),
                    plan.bottleneck(),
                    THOUSAND * Math.rint(plan.demand().keysInUse() / THOUSAND)));
        }
        return text.toString();
    }

    /** What keeps Redis busy. */
    static String threads(List<Plan> plans, List<String> names) {
        List<String> kinds = List.copyOf(plans.getFirst().redisThreads().keySet());
        StringBuilder text = new StringBuilder("| calls per second | use of keys | ").append(String.join(" | ", kinds))
                .append(" | traffic of Redis, MB/s | traffic of calls, MB/s |\n")
                .append("| --- ".repeat(kinds.size() + 4)).append("|\n");
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            text.append(String.format(Locale.ROOT, "| %,.0f | %s | %s | %s | %s |%n", plan.load().calls(),
                    names.get(i),
                    plan.redisThreads().values().stream().map(SizeTables::threads).collect(Collectors.joining(" | ")),
                    number(plan.redisTraffic() / MEGA), number(plan.callTraffic() / MEGA)));
        }
        return text.toString();
    }

    /** What is in the memory of Redis. */
    static String memory(Plan plan) {
        StringBuilder text = new StringBuilder("| in Redis | GB |\n| --- | --- |\n");
        plan.redisMemory().forEach((what, bytes) -> text
                .append(String.format(Locale.ROOT, "| %s | %s |%n", what, number(bytes / GIGA))));
        return text.append(String.format(Locale.ROOT, "| all | %s |%n", number(plan.redisBytes() / GIGA))).toString();
    }

    /** What a change costs, by the number of gates that follow the log. */
    static String changes(List<Integer> gates, List<Double> entries) {
        StringBuilder text = new StringBuilder("| changes per second | ")
                .append(gates.stream().map(count -> count + " gates").collect(Collectors.joining(" | ")))
                .append(" |\n").append("| --- ".repeat(gates.size() + 1)).append("|\n");
        for (double each : entries) {
            Deployment load = Deployments.with(Map.of("keyChanges", each, "seatChanges", 0));
            text.append(String.format(Locale.ROOT, "| %,.0f | %s |%n", each, gates.stream()
                    .map(count -> threads(new Plan(load, count, Demand.of(load, count)).logThreads()))
                    .collect(Collectors.joining(" | "))));
        }
        return text.toString();
    }

    /** How often a gate finds what a call needs in its memory, at this many calls per second. */
    static String hits(List<Double> calls) {
        StringBuilder text = new StringBuilder("""
                | remembered for | entries in each cache | credentials, at %,.0f | at %,.0f | devices, at %,.0f \
                | at %,.0f |
                | --- | --- | --- | --- | --- | --- |
                """.formatted(calls.getFirst(), calls.getLast(), calls.getFirst(), calls.getLast()));
        for (int seconds : List.of(30, 60, 300)) {
            for (int size : List.of(100_000, 1_000_000)) {
                List<Demand> demands = calls.stream().map(each -> Demand.of(Deployments.with(Map.of("calls", each,
                        "timeToLive", seconds, "rememberFor", seconds, "cachedRecords", size, "cachedSeats", size)), 1))
                        .toList();
                text.append(String.format(Locale.ROOT, "| %d s | %,d | %s | %s |%n", seconds, size,
                        demands.stream().map(demand -> percent(demand.records().hitRate()))
                                .collect(Collectors.joining(" | ")),
                        demands.stream().map(demand -> seconds > LONGEST_REMEMBERED
                                ? "—"
                                : percent(demand.seats().hitRate())).collect(Collectors.joining(" | "))));
            }
        }
        return text.toString();
    }

    static String percent(double part) {
        return String.format(Locale.ROOT, "%.0f %%", PERCENT * part);
    }

    private static String threads(double busy) {
        return String.format(Locale.ROOT, busy < 0.095 ? "%.2f" : "%.1f", busy);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%,.0f", value);
    }
}
