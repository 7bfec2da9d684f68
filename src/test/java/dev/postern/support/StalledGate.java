package dev.postern.support;

import static java.util.Objects.requireNonNull;

import dev.postern.inbound.Drain;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.group.ChannelGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.test.util.ReflectionTestUtils;

/**
 * Describes what a gate does while a call to it gets no answer, for the message of the failed test. Must be called
 * before the test closes the connection: after that, the gate has cleaned up.
 */
public final class StalledGate {
    /** Meters of work that waits, is under way or was refused, if they are not 0. */
    private static final Pattern BUSY = Pattern
            .compile("postern_\\S*(waiting|running|pending|open|held|refused|dropped|used|flight)\\S* (?!0\\.0$).*");
    private static final int FRAMES = 12;
    private static final int LOOP_LIMIT_SECONDS = 2;
    /** Threads that wait for work are in one of these methods. */
    private static final List<String> FOR_WORK = List.of("getTask", "takeTask", "awaitWork", "waitForNextTick",
            "waitForReferencePendingList", "takeVirtualThreadListToUnblock");
    private static final AtomicBoolean DESCRIBING = new AtomicBoolean();

    private StalledGate() {}

    /** The connections of a port, the gate that has it if this process has one, and all threads. */
    static String describe(int port) {
        // The call that asks for the meters may get no answer, either, and would come here again.
        if (!DESCRIBING.compareAndSet(false, true)) {
            return queues(port);
        }
        try {
            return queues(port) + TestGate.ofPort(port).map(gate -> describe(gate, port)).orElse("")
                    + "\nThreads:\n" + threads();
        } finally {
            DESCRIBING.set(false);
        }
    }

    private static String describe(TestGate gate, int port) {
        return "\nChannels:\n" + Stream.of(gate.context(), gate.management())
                .flatMap(context -> context.getBeansOfType(Drain.class).values().stream())
                .flatMap(StalledGate::connections)
                .filter(channel -> channel.localAddress() instanceof InetSocketAddress local
                        && local.getPort() == port)
                .map(StalledGate::describe).collect(Collectors.joining("\n"))
                + "\nMeters:\n" + meters(gate.managementPort());
    }

    /**
     * What the operating system keeps for the connections of a port, in both directions: bytes that were written and
     * not received, or received and not read. If there are none, the missing bytes are still in the gate.
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

    /** A connection, as its event loop sees it. */
    private static String describe(Channel channel) {
        try {
            return channel.eventLoop().submit(() -> text(channel)).get(LOOP_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            return channel + ": its event loop does not run its tasks";
        } catch (ExecutionException failed) {
            return channel + ": " + failed.getCause();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static Stream<Channel> connections(Drain drain) {
        return ((ChannelGroup) requireNonNull(ReflectionTestUtils.getField(drain, "connections"))).stream();
    }

    private static String text(Channel channel) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return channel + " active " + channel.isActive() + " writable " + channel.isWritable() + " reads "
                + channel.config().isAutoRead()
                + (out == null
                        ? ""
                        : " flushed and not written " + out.size() + ", bytes kept " + out.totalPendingWriteBytes())
                + " " + channel.pipeline().names();
    }

    /** The threads that do something, or wait for something other than work. */
    private static String threads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getValue().length > 0 && !isIdle(each.getValue()))
                .map(StalledGate::text).sorted().collect(Collectors.joining("\n"));
    }

    private static boolean isIdle(StackTraceElement[] stack) {
        return (stack[0].isNativeMethod()
                && stack[0].getMethodName().matches("epollWait0?|accept|poll|waitForProcessExit0"))
                || Arrays.stream(stack).anyMatch(frame -> FOR_WORK.contains(frame.getMethodName()));
    }

    private static String text(Map.Entry<Thread, StackTraceElement[]> each) {
        return each.getKey().getName() + " " + each.getKey().getState() + "\n" + Arrays.stream(each.getValue())
                .limit(FRAMES).map(frame -> "    " + frame).collect(Collectors.joining("\n"));
    }
}
