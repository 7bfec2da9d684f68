package dev.postern.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A main class of the tests or of a tool, run to its end in a JVM of its own, with the class path of the tests. */
public final class ChildJvm implements AutoCloseable {
    private static final int SHOWN_CHARACTERS = 6_000;

    private final Process process;
    private final Path output;

    /**
     * @param jvm       options of the JVM
     * @param arguments of the main class
     * @param output    the file that gets everything it prints
     */
    public ChildJvm(List<String> jvm, String mainClass, List<String> arguments, Path output) {
        this.output = output;
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        "-Xshare:off"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Waits for its end.
     *
     * @return its exit code
     */
    public int awaitEnd(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the process has not ended after " + seconds + " s:\n" + output());
        }
        return process.exitValue();
    }

    /** The end of what it has printed. */
    public String output() {
        try {
            String all = Files.readString(output, StandardCharsets.ISO_8859_1);
            return all.substring(Math.max(0, all.length() - SHOWN_CHARACTERS));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
