package dev.postern.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a gate does while a call to it gets no answer, for the message of the test. */
public final class StalledGate {
    /** What waits or is under way, and is not 0. */
    private static final Pattern BUSY = Pattern
            .compile("postern_\\S*(waiting|running|pending|open|held|refused|dropped|used)\\S* (?!0\\.0$).*");
    private static final int FRAMES = 12;

    private StalledGate() {}

    static String describe(int managementPort) {
        return "\nMeters:\n" + meters(managementPort) + "\nThreads:\n" + threads();
    }

    /**
     * What the operating system keeps for the connections of a port, in both directions: bytes that were written and not
     * received, or received and not read. If there are none, what is missing is still in the gate.
     */
    public static String queues(int port) {
        String hex = String.format(":%04X ", port);
        try {
            return "\nConnections (tx_queue:rx_queue):\n"
                    + Stream.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))
                            .filter(Files::exists).flatMap(StalledGate::lines).filter(line -> line.contains(hex))
                            .collect(Collectors.joining("\n"));
        } catch (UncheckedIOException unreadable) {
            return "";
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String meters(int managementPort) {
        try {
            return RawHttp.call(managementPort, "GET", "/actuator/prometheus", "").text().lines()
                    .filter(line -> BUSY.matcher(line).matches()).collect(Collectors.joining("\n"));
        } catch (RuntimeException failed) {
            return "none, because the gate does not answer: " + failed.getMessage();
        }
    }

    /** Those that are doing something, as far as that can be seen. */
    private static String threads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getState() == Thread.State.RUNNABLE
                        || each.getKey().getState() == Thread.State.BLOCKED)
                .filter(each -> each.getValue().length > 0 && !isIdle(each.getValue()[0]))
                .map(StalledGate::text).collect(Collectors.joining("\n"));
    }

    private static boolean isIdle(StackTraceElement top) {
        return top.isNativeMethod()
                && top.getMethodName().matches("epollWait0?|wait0?|accept|read0?|poll|waitForProcessExit0");
    }

    private static String text(Map.Entry<Thread, StackTraceElement[]> each) {
        return each.getKey().getName() + " " + each.getKey().getState() + "\n" + Arrays.stream(each.getValue())
                .limit(FRAMES).map(frame -> "    " + frame).collect(Collectors.joining("\n"));
    }
}
