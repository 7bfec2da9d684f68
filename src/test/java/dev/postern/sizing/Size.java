package dev.postern.sizing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Prints what a load needs. The arguments replace assumptions: {@code calls=50000 keys=20000}. */
final class Size {
    private Size() {}

    public static void main(String[] arguments) {
        Map<String, String> figures = new HashMap<>();
        for (String argument : String.join(" ", arguments).strip().split(" +", 0)) {
            if (!argument.isEmpty()) {
                String[] parts = argument.split("=", 2);
                figures.put(parts[0], parts[parts.length - 1]);
            }
        }
        Plan plan = Plan.of(Deployments.with(figures));
        List<String> name = List.of("as given");
        System.out.println(plan.load() + "\n");
        System.out.println(SizeTables.needs(List.of(plan), name));
        System.out.println(SizeTables.threads(List.of(plan), name));
        System.out.println(SizeTables.memory(plan));
    }
}
