package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.postern.access.AccessDecision;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.support.NeedsTheMachine;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How much a decision from memory leaves to the garbage collector. {@link DecisionBenchmark} measures how long it
 * takes.
 */
@NeedsTheMachine
class DecisionAllocationTest {
    private static final int DECISIONS = 100_000;
    private static final int ROUNDS = 6;
    private static final Duration COMPILED_WITHIN = Duration.ofSeconds(30);
    private static final double MOST_BYTES = 200;
    /** What a refusal may allocate, besides its text. */
    private static final double MOST_BYTES_OF_REFUSAL = 250;
    /** What the text of a refusal takes besides a byte for each character: a string and its array. */
    private static final int AROUND_TEXT = 48;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int LIMIT_SECONDS = 600;

    @TempDir
    private static Path folder;
    private static final Pattern MEASURED = Pattern.compile("(\\w+): ([0-9.]+) of ([0-9]+) bytes");
    private static final Map<RememberingGate.Call, Matcher> MEASUREMENTS = new EnumMap<>(RememberingGate.Call.class);

    /**
     * Measures in a process of its own, because what the JVM has compiled for other tests affects which allocations it
     * avoids.
     */
    @BeforeAll
    static void measure() throws Exception {
        Path output = folder.resolve("output");
        Process measuring = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                System.getProperty("java.class.path"), DecisionAllocationTest.class.getName(), folder.toString())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(measuring.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            measuring.destroyForcibly();
        }
        assertThat(measuring.exitValue()).as(Files.readString(output)).isZero();
        for (String line : Files.readAllLines(output)) {
            Matcher measured = MEASURED.matcher(line);
            if (measured.matches()) {
                MEASUREMENTS.put(RememberingGate.Call.valueOf(measured.group(1)), measured);
                System.out.println(line);
            }
        }
    }

    /** Measures, and prints for each call how much its decision allocates. */
    public static void main(String[] arguments) {
        try (RememberingGate gate = new RememberingGate(Path.of(arguments[0]))) {
            for (RememberingGate.Call call : RememberingGate.Call.values()) {
                double least = Double.MAX_VALUE;
                double most = gate.decision(call) instanceof AccessDecision.Denied(var _, var detail)
                        ? MOST_BYTES_OF_REFUSAL + AROUND_TEXT + detail.length()
                        : MOST_BYTES;
                long end = System.nanoTime() + COMPILED_WITHIN.toNanos();
                // The first rounds are not compiled yet. On a busy machine, there are more such rounds.
                for (int round = 0; round < ROUNDS || (least >= most && System.nanoTime() - end < 0); round++) {
                    least = Math.min(least, bytesOfOne(gate, call));
                }
                System.out.printf(Locale.ROOT, "%s: %.1f of %.0f bytes%n", call, least, most);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void allocatesLittle(RememberingGate.Call call) {
        Matcher measured = MEASUREMENTS.get(call);
        assertThat(measured).as("measured").isNotNull();
        assertThat(Double.parseDouble(measured.group(2))).isPositive()
                .isLessThan(Double.parseDouble(measured.group(3)));
    }

    private static double bytesOfOne(RememberingGate gate, RememberingGate.Call call) {
        List<String> authorization = gate.credential(call);
        Reading.Read read = gate.read(call);
        int decided = 0;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < DECISIONS; i++) {
            Answer answer = gate.decide(authorization, read);
            if (answer instanceof Answer.Decided) {
                decided++;
            } else {
                gate.fetch(answer);
            }
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(decided).as("decisions from memory").isGreaterThan(DECISIONS / 2);
        return (double) allocated / DECISIONS;
    }
}
