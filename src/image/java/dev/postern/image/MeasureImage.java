package dev.postern.image;

import dev.postern.support.ChildGate;
import dev.postern.support.KeepAlive;
import dev.postern.support.RawHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Compares the first minute of a gate from the jar and from the image, with and without the AOT cache, and prints a
 * table. Run it after {@code mvn package -Dimage}, on a machine that does nothing else.
 */
public final class MeasureImage {
    private static final int CALLS = 1000;
    private static final int CLOCK_TICKS = 100;
    private static final Path ROOT = Path.of("target/image/root").toAbsolutePath();

    private MeasureImage() {}

    /**
     * What is measured of one start.
     *
     * @param ready     milliseconds until readiness is up
     * @param processor milliseconds of processor time until then
     * @param memory    resident memory after the calls, in MB
     * @param median    the median latency of the calls, in microseconds
     * @param p99       the 99th percentile
     */
    private record Start(double ready, double processor, double memory, double median, double p99) {
        double[] figures() {
            return new double[]{ready, processor, memory, median, p99};
        }
    }

    /** @param arguments the jar, how many rounds, and options of the JVM for all starts from the image */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = Integer.parseInt(arguments[1]);
        List<String> flags = List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders");
        ImageSettings settings = new ImageSettings(Path.of(arguments[0]), Path.of("target"), "scratch", Instant.EPOCH,
                flags, true, Map.of(), "postern");
        String java = ROOT.resolve("opt/java/bin/java").toString();
        String app = ROOT.resolve("app").toString();
        List<String> options = Arrays.asList(arguments).subList(2, arguments.length);

        List<String> fatJar = new ArrayList<>(List.of(Tool.ofTheJdk("java")));
        fatJar.addAll(flags);
        fatJar.addAll(List.of("-jar", arguments[0]));
        Map<String, List<String>> ways = new LinkedHashMap<>();
        ways.put("the jar", fatJar);
        ways.put("the image without its AOT cache", settings.command(java, app, options.toArray(String[]::new)));
        List<String> aot = new ArrayList<>(List.of("-XX:AOTCache=" + app + "/app.aot"));
        aot.addAll(options);
        ways.put("the image", settings.command(java, app, aot.toArray(String[]::new)));

        Map<String, List<Start>> starts = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, List<String>> way : ways.entrySet()) {
                starts.computeIfAbsent(way.getKey(), _ -> new ArrayList<>()).add(measure(way.getValue()));
            }
        }
        System.out.println("| medians of " + rounds + " starts | ready after, s | processor time until then, s | "
                + "RSS after 1,000 calls, MB | p50 of these, µs | p99, µs |");
        System.out.println("| --- | --- | --- | --- | --- | --- |");
        starts.forEach((way, all) -> System.out.printf(Locale.ROOT, "| %s | %.2f | %.2f | %.0f | %.0f | %.0f |%n", way,
                median(all, 0) / 1000, median(all, 1) / 1000, median(all, 2), median(all, 3), median(all, 4)));
    }

    private static double median(List<Start> starts, int figure) {
        return starts.stream().mapToDouble(start -> start.figures()[figure]).sorted().toArray()[starts.size() / 2];
    }

    private static Start measure(List<String> way) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(Path.of("target"), "measured-").toAbsolutePath();
        List<String> command = new ArrayList<>(way);
        command.addAll(List.of("--server.port=0", "--management.server.port=0", "--postern.demo=true",
                "--postern.data-dir=" + folder, "--spring.config.additional-location=file:"
                        + Path.of("config").toAbsolutePath() + "/"));
        long begin = System.nanoTime();
        try (ChildGate gate = new ChildGate(new ProcessBuilder(command).directory(folder.toFile()))) {
            int port = gate.port();
            while (RawHttp.call(gate.managementPort(), "GET", "/actuator/health/readiness", "").status() != 200) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            double ready = (System.nanoTime() - begin) / 1e6;
            double processor = processorMillis(gate.pid());
            double[] latencies = latencies(port, Files.readString(folder.resolve("demo/api-key")).strip());
            double memory = status(gate.pid(), "VmRSS:") / 1024.0;
            return new Start(ready, processor, memory, latencies[CALLS / 2], latencies[CALLS * 99 / 100]);
        }
    }

    private static double[] latencies(int port, String key) {
        double[] latencies = new double[CALLS];
        try (KeepAlive client = new KeepAlive(port)) {
            for (int call = 0; call < CALLS; call++) {
                long begin = System.nanoTime();
                if (client.call(key, "GET", "/devices/39593230/datapoints?datastream_id=gps").status() != 200) {
                    throw new IllegalStateException("the call was refused");
                }
                latencies[call] = (System.nanoTime() - begin) / 1e3;
            }
        }
        Arrays.sort(latencies);
        return latencies;
    }

    private static double processorMillis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 1000.0 / CLOCK_TICKS;
    }

    private static long status(long pid, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(name)).mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst().orElseThrow();
    }
}
