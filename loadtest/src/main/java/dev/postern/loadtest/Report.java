package dev.postern.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Prints the table, and writes it with charts: {@code results.md}, an SVG for each scenario, and {@code index.html}.
 */
final class Report {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT);

    private final Options options;
    private final Results results;

    Report(Options options, Results results) {
        this.options = options;
        this.results = results;
    }

    void write() {
        StringBuilder text = new StringBuilder();
        text.append(machine()).append("\n\n");
        StringBuilder html = new StringBuilder(Html.head("What a call costs", machine()));
        try {
            Files.createDirectories(options.out());
            goals(text, html);
            for (Scenario scenario : options.scenarios()) {
                scenario(scenario, text, html);
            }
            latencies(text, html);
            voids(text, html);
            Files.writeString(options.out().resolve("results.md"), text);
            Files.writeString(options.out().resolve("index.html"), html.append(Html.end()));
        } catch (IOException failed) {
            throw new Failure("cannot write the report", failed);
        }
        System.out.println(text);
    }

    private String machine() {
        return String.format(Locale.ROOT, "%s, %d processors (%s), JDK %s. %d rounds of %d s; medians.",
                ZonedDateTime.now(ZoneOffset.UTC).format(TIME), Runtime.getRuntime().availableProcessors(), model(),
                Runtime.version().feature(), options.rounds(), options.seconds());
    }

    private static String model() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }

    private void goals(StringBuilder text, StringBuilder html) {
        List<List<String>> rows = new ArrayList<>();
        for (Goal goal : Goal.ALL) {
            OptionalDouble reached = goal.reached(results);
            if (reached.isPresent()) {
                rows.add(List.of(goal.text(), number(goal.limit()), number(reached.getAsDouble()),
                        reached.getAsDouble() <= goal.limit() ? "yes" : "no"));
            }
        }
        Results.Latency ours = results.latencies().get("Postern express, API key");
        Results.Latency theirs = results.latencies().get("nginx + Lua, rules in memory");
        if (ours != null && theirs != null) {
            double ratio = (double) ours.p99() / theirs.p99();
            rows.add(List.of("p99 at " + ours.rate() + "/s, express ÷ nginx + Lua", number(1.3), number(ratio),
                    ratio <= 1.3 ? "yes" : "no"));
        }
        if (!rows.isEmpty()) {
            table("Goals", "Ratios of the processor time a call.", List.of("ratio", "at most", "measured", "reached"),
                    rows, text, html);
        }
    }

    private void scenario(Scenario scenario, StringBuilder text, StringBuilder html) throws IOException {
        Map<String, Double> cpu = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        results.of(scenario).keySet().stream()
                .sorted(Comparator.comparingDouble(name -> results.cpu(scenario, name).orElse(0))).forEach(name -> {
                    double micros = results.cpu(scenario, name).orElseThrow();
                    cpu.put(name, micros);
                    rows.add(List.of(name, number(micros),
                            String.format(Locale.ROOT, "%,.0f", results.rate(scenario, name).orElseThrow())));
                });
        if (rows.isEmpty()) {
            return;
        }
        String chart = Chart.bars("Processor time a call, µs: " + scenario.title(), cpu);
        Files.writeString(options.out().resolve(scenario.word() + ".svg"), chart);
        table(scenario.word(), Html.sentence(scenario.title()) + ", " + scenario.connections() + " connections.",
                List.of("contestant", "µs of processor time a call", "calls per second"), rows, text, html);
        html.append(chart);
    }

    private void latencies(StringBuilder text, StringBuilder html) throws IOException {
        Map<String, Double> p99 = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        results.latencies().entrySet().stream().sorted(Comparator.comparingLong(each -> each.getValue().p99()))
                .forEach(each -> {
                    Results.Latency latency = each.getValue();
                    p99.put(each.getKey(), (double) latency.p99());
                    rows.add(List.of(each.getKey(), "" + latency.p50(), "" + latency.p90(), "" + latency.p99(),
                            "" + latency.p999(), "" + latency.max(), number(latency.sent() * 100) + " %",
                            number(latency.loader()) + " s"));
                });
        if (rows.isEmpty()) {
            return;
        }
        String chart = Chart.bars("99th percentile at " + options.rate() + " calls per second, µs", p99);
        Files.writeString(options.out().resolve("latency.svg"), chart);
        table("latency", "At " + options.rate() + " calls per second, in µs, counted from the intended start of each call.",
                List.of("contestant", "p50", "p90", "p99", "p99.9", "max", "answered", "CPU of the loader"), rows, text,
                html);
        html.append(chart);
    }

    private void voids(StringBuilder text, StringBuilder html) {
        if (results.voids().isEmpty()) {
            return;
        }
        table("Void", "These turns mean nothing, and are left out.", List.of("what"),
                results.voids().stream().map(List::of).toList(), text, html);
    }

    private static void table(String title, String explanation, List<String> head, List<List<String>> rows,
            StringBuilder text, StringBuilder html) {
        text.append("## ").append(title).append("\n\n").append(explanation).append("\n\n");
        text.append("| ").append(String.join(" | ", head)).append(" |\n|").append(" --- |".repeat(head.size()))
                .append('\n');
        rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
        text.append('\n');
        html.append(Html.table(title, explanation, head, rows));
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
