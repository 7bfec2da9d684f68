package dev.postern.proxy;

import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a decision costs that the gate makes from memory alone. The near cache is real, and follows the log of changes
 * of a Redis that is otherwise idle. Run this with {@code -prof gc} to see what a decision allocates.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseCompactObjectHeaders"})
public class DecisionBenchmark {
    /** The name of the call, and not the call itself, because JMH's own code is in another package. */
    @Param({"MASTER_KEY", "API_KEY", "API_KEY_STREAM", "API_KEY_TWO_STREAMS", "STATIC_TOKEN", "ACCESS_TOKEN", "JWT",
            "LARGE_GROUP", "OTHER_DEVICE", "OTHER_STREAM"})
    public String call = "API_KEY";

    private RememberingGate gate = start();
    private RememberingGate.Call made = RememberingGate.Call.API_KEY;
    private List<String> authorization = List.of();
    private Reading.Read read = gate.read(made);

    private static RememberingGate start() {
        try {
            return new RememberingGate(Files.createTempDirectory(Path.of("target"), "benchmark-"));
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Setup
    public void choose() {
        made = RememberingGate.Call.valueOf(call);
        authorization = gate.credential(made);
        read = gate.read(made);
    }

    @TearDown
    public void stop() {
        gate.close();
    }

    /** Decides a call, given the value of the header and the reading of the target. */
    @Benchmark
    public Object decision() {
        return decided(gate.decide(authorization, read));
    }

    /** Reads the target, then decides the call. */
    @Benchmark
    public Object readingAndDecision() {
        return decided(gate.decide(authorization, gate.read(made)));
    }

    /** On a busy machine the gate may not hear of its Redis for a moment, and has to ask it then. */
    private Answer decided(Answer answer) {
        return answer instanceof Answer.Decided ? answer : gate.fetch(answer);
    }
}
