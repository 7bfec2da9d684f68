package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/**
 * Netty's leak detector at the level {@code PARANOID}, which tracks every buffer of the process. Only for classes that
 * run alone ({@link NeedsTheMachine}). Open it after the gate: a gate that starts sets the logging up anew.
 */
public final class LeakDetection implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** The detector reports equal leaks only once. */
    private static final AtomicInteger CANARIES = new AtomicInteger();

    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    private final ListAppender<ILoggingEvent> leaks = new ListAppender<>();

    public LeakDetection() {
        leaks.start();
        logger.addAppender(leaks);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        // The detector now reports the buffers that earlier tests leaked.
        awaitReportOfCanary();
        leaks.list.clear();
    }

    /** Fails if a buffer has leaked since this was opened. */
    public void assertNothingLeaked() {
        assertNothingLeakedBut(_ -> false);
    }

    /** @param harmless whether a report is about a buffer that holds no memory */
    public void assertNothingLeakedBut(Predicate<String> harmless) {
        String canary = awaitReportOfCanary();
        assertThat(leaks.list).extracting(ILoggingEvent::getFormattedMessage)
                .allMatch(report -> report.contains(canary) || harmless.test(report));
    }

    /** Leaks a buffer, and waits until the detector has found it: by then it has found all that leaked before. */
    private String awaitReportOfCanary() {
        String canary = "canary " + CANARIES.incrementAndGet() + ";";
        leak(canary);
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).until(() -> {
            System.gc();
            // The detector looks when it tracks something new.
            PooledByteBufAllocator.DEFAULT.buffer(16).release();
            return List.copyOf(leaks.list).stream().anyMatch(report -> report.getFormattedMessage().contains(canary));
        });
        return canary;
    }

    private static void leak(String canary) {
        ByteBuf leaked = PooledByteBufAllocator.DEFAULT.buffer(16);
        leaked.touch(canary);
    }

    @Override
    public void close() {
        ResourceLeakDetector.setLevel(before);
        logger.detachAppender(leaks);
    }
}
