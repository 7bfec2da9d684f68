package dev.postern.loadtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares what a call costs: starts the backend and all contestants, sees that they do the same, warms each up, lets
 * them take turns, and writes a report.
 */
public final class Compare {
    /** Two turns whose rates differ by less are steady. */
    private static final double STEADY = 0.04;
    private static final int LATENCY_SECONDS = 10;
    private static final double LEAST_SENT = 0.99;
    private static final double MICROS = 1e6;
    private static final double TOLERANCE = 0.02;

    private final Options options;
    private final Progress progress = new Progress();
    private final Results results = new Results();

    private Compare(Options options) {
        this.options = options;
    }

    public static void main(String[] arguments) {
        try {
            if (List.of(arguments).contains("--help")) {
                System.out.print(Options.USAGE);
                return;
            }
            new Compare(Options.of(arguments)).run();
        } catch (Failure failure) {
            System.err.println(failure.getMessage());
            System.exit(1);
        }
    }

    private void run() {
        Path work = Path.of("loadtest", "target", "field");
        delete(work);
        try (Field field = Field.start(work, options, progress)) {
            Thread stop = new Thread(field::close);
            Runtime.getRuntime().addShutdownHook(stop);
            progress.say("Checking that all do the same");
            Parity.check(field.contestants());
            Wrk wrk = new Wrk(work.toAbsolutePath(), field.many());
            for (Scenario scenario : options.scenarios()) {
                measure(scenario, field.contestants().stream().filter(each -> options.wants(scenario, each)).toList(),
                        wrk);
            }
            if (options.rate() > 0) {
                latencies(field.contestants().stream().filter(options::wantsLatency).toList());
            }
            Runtime.getRuntime().removeShutdownHook(stop);
        }
        new Report(options, results).write();
        progress.say("The report is in " + options.out().resolve("index.html"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failed) {
            throw new Failure("cannot delete " + folder, failed);
        }
    }

    private void measure(Scenario scenario, List<Contestant> contestants, Wrk wrk) {
        progress.say("%s: %s; warming up %d contestants".formatted(scenario.word(), scenario.title(),
                contestants.size()));
        contestants.forEach(each -> warmUp(each, scenario, wrk));
        for (int round = 1; round <= options.rounds(); round++) {
            progress.say("%s: round %d of %d".formatted(scenario.word(), round, options.rounds()));
            for (Contestant each : contestants) {
                turn(each, scenario, wrk);
            }
        }
    }

    private void warmUp(Contestant contestant, Scenario scenario, Wrk wrk) {
        double before = 0;
        for (int i = 0; i < options.warmUp(); i++) {
            double rate = wrk.run(contestant, scenario, options.seconds()).rate();
            // The rate of a JVM may stay the same for a while, until the JVM compiles more of the code.
            boolean early = contestant.isCompiledAsItRuns() && scenario == Scenario.GET && i < options.warmUp() / 2;
            if (!early && before > 0 && Math.abs(rate - before) / before < STEADY) {
                return;
            }
            before = rate;
        }
    }

    private void turn(Contestant contestant, Scenario scenario, Wrk wrk) {
        double before = contestant.server().cpu();
        Wrk.Outcome outcome = wrk.run(contestant, scenario, options.seconds());
        double used = contestant.server().cpu() - before;
        double refused = outcome.calls() == 0 ? 0 : (double) outcome.refused() / outcome.calls();
        double expected = contestant.checks() ? scenario.refused() : 0;
        if (outcome.calls() == 0 || outcome.errors() > outcome.calls() * TOLERANCE
                || Math.abs(refused - expected) > TOLERANCE) {
            results.isVoid(String.format(Locale.ROOT, "%s, %s: %d calls, %.1f %% refused instead of %.0f %%, %d errors",
                    scenario.word(), contestant.name(), outcome.calls(), refused * 100, expected * 100,
                    outcome.errors()));
            return;
        }
        results.add(scenario, contestant.name(), new Results.Turn(used / outcome.calls() * MICROS, outcome.rate()));
    }

    private void latencies(List<Contestant> contestants) {
        progress.say("Latencies at " + options.rate() + " calls per second");
        int seconds = Math.min(LATENCY_SECONDS, options.rounds() * options.seconds());
        for (Contestant each : contestants) {
            Results.Latency latency = latency(each, seconds);
            if (latency.sent() < LEAST_SENT) {
                results.isVoid(String.format(Locale.ROOT, "latency, %s: only %.1f %% of the calls were answered",
                        each.name(), latency.sent() * 100));
            } else {
                results.add(each.name(), latency);
            }
        }
    }

    private Results.Latency latency(Contestant contestant, int seconds) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-Xms128m", "-Xmx128m", "-XX:+UseSerialGC", "-cp",
                System.getProperty("java.class.path"), OpenLoad.class.getName(), "" + contestant.port(),
                "" + options.rate(), "" + seconds));
        contestant.headers(Scenario.GET).forEach((name, value) -> command.add(name + ": " + value));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0 || !text.contains("total=")) {
                throw new Failure("the loader failed for " + contestant.name() + ":\n" + text);
            }
            Map<String, Double> values = new HashMap<>();
            for (String word : text.substring(text.indexOf("total=")).strip().split(" ", -1)) {
                values.put(word.substring(0, word.indexOf('=')),
                        Double.parseDouble(word.substring(word.indexOf('=') + 1)));
            }
            return new Results.Latency(options.rate(),
                    (values.get("answered") - values.get("refused")) / values.get("total"),
                    values.get("p50").longValue(), values.get("p90").longValue(), values.get("p99").longValue(),
                    values.get("p999").longValue(), values.get("max").longValue(), values.get("cpu"));
        } catch (IOException failed) {
            throw new Failure("cannot run the loader", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }
}
