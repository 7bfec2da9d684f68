package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.postern.access.AccessDecision;
import dev.postern.catalog.Reading;
import dev.postern.proxy.AccessGate.Answer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a decision from memory leaves to the garbage collector. How long it takes, {@link DecisionBenchmark} says. */
class DecisionAllocationTest {
    private static final int DECISIONS = 100_000;
    private static final int ROUNDS = 6;
    private static final double MOST_BYTES = 200;
    /** A refusal says in its own words what it is about: a string, its array, and a byte for each character. */
    private static final int AROUND_TEXT = 48;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private static Path folder;
    private static RememberingGate gate;

    @BeforeAll
    static void start() {
        gate = new RememberingGate(folder);
    }

    @AfterAll
    static void stop() {
        gate.close();
    }

    @ParameterizedTest
    @EnumSource
    void allocatesLittle(RememberingGate.Call call) {
        double most = MOST_BYTES + (gate.decision(call) instanceof AccessDecision.Denied(var _, var detail)
                ? AROUND_TEXT + detail.length()
                : 0);
        double least = Double.MAX_VALUE;
        // The first rounds are not compiled yet.
        for (int round = 0; round < ROUNDS; round++) {
            least = Math.min(least, bytesOfOne(call));
        }

        System.out.printf("%s: %.0f bytes%n", call, least);
        assertThat(least).isPositive().isLessThan(most);
    }

    private static double bytesOfOne(RememberingGate.Call call) {
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
