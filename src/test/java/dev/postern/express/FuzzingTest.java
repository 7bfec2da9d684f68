package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.ChildJvm;
import dev.postern.support.LongTest;
import dev.postern.support.NeedsTheMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Jazzer searches for heads and bodies that the lane and the codec read differently: it changes inputs and keeps those
 * that reach new branches in either of the two. Each target has a JVM of its own, because Jazzer instruments classes.
 *
 * <p>{@code -Dfuzz.seconds=N} chooses how long it searches for each target. A later run goes on with what an earlier one
 * has found, in {@code target/fuzz}. If it finds a disagreement, the message contains the input; make it a line of
 * the file of seeds ({@link FuzzSeeds}).
 */
@NeedsTheMachine
@LongTest
class FuzzingTest {
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 30);
    /** Additional time for the start, and for the inputs of earlier runs. */
    private static final int MORE_SECONDS = 120;
    private static final long MOST_RUNS = 1_000_000_000;
    private static final int FEWEST_RUNS = 1_000;
    private static final int LONGEST_INPUT = 4096;
    private static final Path DIRECTORY = Path.of("target", "fuzz");
    private static final String INSTRUMENTED = "dev.postern.express.**:dev.postern.wire.**:"
            + "io.netty.handler.codec.http.**";

    @Test
    void findsNoDisagreement() throws IOException, InterruptedException {
        // Each fuzzer uses one thread.
        try (ChildJvm heads = fuzzer("heads", HeadFuzzTarget.class);
                ChildJvm bodies = fuzzer("bodies", BodyFuzzTarget.class)) {
            for (ChildJvm fuzzer : List.of(heads, bodies)) {
                assertThat(fuzzer.awaitEnd(SECONDS + MORE_SECONDS)).as("exit code; %s", fuzzer.output()).isZero();
                assertThat(runs(fuzzer.output())).as(fuzzer.output()).isGreaterThan(FEWEST_RUNS);
            }
        }
    }

    private static ChildJvm fuzzer(String name, Class<?> target) throws IOException {
        Path found = Files.createDirectories(DIRECTORY.resolve(name));
        Path seeds = Files.createDirectories(DIRECTORY.resolve(name + "-seeds"));
        Path failures = Files.createDirectories(DIRECTORY.resolve(name + "-failures"));
        int number = 0;
        for (byte[] seed : FuzzSeeds.read(name)) {
            Files.write(seeds.resolve(Integer.toString(number++)), seed);
        }
        List<String> jvm = List.of("-XX:+EnableDynamicAgentLoading", "-Xmx512m", "-XX:+UseSerialGC");
        List<String> arguments = List.of("--target_class=" + target.getName(),
                "--instrumentation_includes=" + INSTRUMENTED,
                "--custom_hook_includes=" + INSTRUMENTED, "--reproducer_path=" + failures,
                "-artifact_prefix=" + failures + "/", "-dict=" + FuzzSeeds.dictionary(name),
                "-max_total_time=" + SECONDS, "-runs=" + MOST_RUNS, "-max_len=" + LONGEST_INPUT, "-timeout=20",
                "-rss_limit_mb=0", "-print_final_stats=1", found.toString(), seeds.toString());
        return new ChildJvm(jvm, "com.code_intelligence.jazzer.Jazzer", arguments, DIRECTORY.resolve(name + ".log"));
    }

    private static long runs(String output) {
        return output.lines().filter(line -> line.startsWith("stat::number_of_executed_units:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).sum();
    }
}
