package dev.postern.call;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Writes the lines of the request log, and ends spans, on a thread of its own, because both may block. Event loops only
 * put lines into a queue: they do not even wake the thread, which looks every few milliseconds. If the output is too slow
 * for the lines, the queue becomes full, and further lines are dropped and counted.
 */
public final class RequestLogWriter implements SmartLifecycle {
    private static final String THREAD = "postern-request-log";
    private static final Duration PAUSE = Duration.ofMillis(20);
    /** How long a gate that stops waits for the rest of the lines. */
    private static final Duration LAST_LINES = Duration.ofSeconds(2);

    private final int size;
    private final Consumer<RequestLine> output;
    private final Queue<FinishedCall> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final boolean wanted;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    /**
     * @param wanted whether there will be any
     * @param size   how many may wait
     * @param output takes the lines; it may block
     */
    RequestLogWriter(boolean wanted, int size, Consumer<RequestLine> output) {
        this.wanted = wanted;
        this.size = size;
        this.output = output;
    }

    /** Safe on event loops. */
    void write(FinishedCall call) {
        if (waiting.incrementAndGet() > size) {
            waiting.decrementAndGet();
            dropped.increment();
        } else {
            queue.add(call);
        }
    }

    /** Lines that wait to be written. */
    public int waiting() {
        return waiting.get();
    }

    /** Lines that were not written. */
    public long dropped() {
        return dropped.sum();
    }

    private void run() {
        while (true) {
            // Read before the queue is emptied: lines that came before the stop are written.
            boolean last = stopping;
            writeAll();
            if (last) {
                return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void writeAll() {
        for (FinishedCall call = queue.poll(); call != null; call = queue.poll()) {
            waiting.decrementAndGet();
            try {
                report(call);
            } catch (RuntimeException | LinkageError | StackOverflowError _) {
                // The next line may succeed, and the log cannot tell about itself.
                dropped.increment();
            }
        }
    }

    private void report(FinishedCall call) {
        if (call.logged()) {
            output.accept(call.line());
        }
        CallSpan span = call.span();
        if (span != null) {
            span.end(call.line());
        }
    }

    @Override
    public void start() {
        if (wanted) {
            stopping = false;
            thread = Thread.ofPlatform().daemon().name(THREAD).start(this::run);
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /** Writes the remaining lines. */
    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running == null) {
            return;
        }
        stopping = true;
        LockSupport.unpark(running);
        try {
            running.join(LAST_LINES);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops after the last call is answered. */
    @Override
    public int getPhase() {
        return 2;
    }
}
