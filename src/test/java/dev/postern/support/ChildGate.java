package dev.postern.support;

import dev.postern.PosternApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gate in a process of its own, as a user starts it. */
public final class ChildGate implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("Device APIs on port (\\d+), management on .*:(\\d+)");
    private static final int START_SECONDS = 90;

    private final Process process;
    private final CompletableFuture<int[]> ports = new CompletableFuture<>();
    private final Queue<String> output = new ConcurrentLinkedQueue<>();

    /**
     * @param jvm       options of its JVM
     * @param arguments arguments of the gate
     */
    public ChildGate(List<String> jvm, List<String> arguments) {
        this(jvm, arguments, Path.of("").toAbsolutePath(), Map.of());
    }

    /**
     * @param folder      the folder in which it starts
     * @param environment more variables of its environment
     */
    public ChildGate(List<String> jvm, List<String> arguments, Path folder, Map<String, String> environment) {
        this(in(folder, environment, command(jvm, arguments)));
    }

    /** @param command starts a gate, and passes on what it prints */
    public ChildGate(ProcessBuilder command) {
        try {
            process = command.redirectErrorStream(true).start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofPlatform().daemon().name("child-gate-output").start(this::readOutput);
    }

    private static ProcessBuilder in(Path folder, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    private static List<String> command(List<String> jvm, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        // The gate runs for seconds only: C2 and a parallel collector would cost more than they gain.
                        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                        // A busy machine is no outage. Arguments of the gate take precedence over these.
                        "-Dpostern.store.command-timeout=1s", "-Dpostern.store.management.command-timeout=3s"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PosternApplication.class.getName(),
                "--server.port=0", "--management.server.port=0"));
        command.addAll(arguments);
        return command;
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                SuiteOutput.printed(line);
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    ports.complete(new int[]{Integer.parseInt(ready.group(1)), Integer.parseInt(ready.group(2))});
                }
            }
        } catch (IOException ended) {
            output.add(ended.toString());
        }
        ports.completeExceptionally(new IllegalStateException("the gate ended:\n" + output()));
    }

    public int port() {
        return ports()[0];
    }

    public int managementPort() {
        return ports()[1];
    }

    private int[] ports() {
        try {
            return ports.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception failed) {
            throw new IllegalStateException("the gate did not start:\n" + output(), failed);
        }
    }

    /** What it has printed so far. */
    public String output() {
        return String.join("\n", output);
    }

    public long pid() {
        return process.pid();
    }

    /** Asks the process to stop. */
    public void stop() {
        process.destroy();
    }

    /** Waits until the process ends by itself, and returns its exit code. */
    public int awaitEnd() {
        try {
            if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the gate goes on:\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** The most memory that the process has used so far, in bytes. Works on Linux only. */
    public long peakMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no VmHWM in /proc");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                // The gate itself may be one of these.
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
