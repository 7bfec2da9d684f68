package dev.postern.loadtest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured. */
final class Results {
    private final Map<Scenario, Map<String, List<Turn>>> turns = new EnumMap<>(Scenario.class);
    private final Map<String, Latency> latencies = new LinkedHashMap<>();
    private final List<String> voids = new ArrayList<>();

    /**
     * One turn of a contestant.
     *
     * @param cpu  processor time a call, in microseconds
     * @param rate calls per second
     */
    record Turn(double cpu, double rate) {}

    /**
     * Latencies at a fixed rate, in microseconds, counted from the intended start of each call.
     *
     * @param sent   share of the calls that were answered
     * @param loader processor time of the loader, in seconds
     */
    record Latency(int rate, double sent, long p50, long p90, long p99, long p999, long max, double loader) {}

    void add(Scenario scenario, String contestant, Turn turn) {
        turns.computeIfAbsent(scenario, _ -> new LinkedHashMap<>()).computeIfAbsent(contestant, _ -> new ArrayList<>())
                .add(turn);
    }

    void add(String contestant, Latency latency) {
        latencies.put(contestant, latency);
    }

    /** Notes why a measurement means nothing. */
    void isVoid(String why) {
        voids.add(why);
    }

    List<String> voids() {
        return voids;
    }

    Map<String, Latency> latencies() {
        return latencies;
    }

    Map<String, List<Turn>> of(Scenario scenario) {
        return turns.getOrDefault(scenario, Map.of());
    }

    /** The median of the processor time a call, in microseconds. */
    OptionalDouble cpu(Scenario scenario, String contestant) {
        return median(of(scenario).getOrDefault(contestant, List.of()).stream().mapToDouble(Turn::cpu).toArray());
    }

    OptionalDouble rate(Scenario scenario, String contestant) {
        return median(of(scenario).getOrDefault(contestant, List.of()).stream().mapToDouble(Turn::rate).toArray());
    }

    static OptionalDouble median(double[] values) {
        if (values.length == 0) {
            return OptionalDouble.empty();
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }
}
