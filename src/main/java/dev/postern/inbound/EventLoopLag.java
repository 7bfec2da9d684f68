package dev.postern.inbound;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.springframework.context.SmartLifecycle;

/**
 * Measures how late each event loop begins a task that is due once a second. A loop that is late keeps all of its
 * connections waiting: it has too much to do, or something blocks it.
 */
public final class EventLoopLag implements SmartLifecycle {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Iterable<EventExecutor> loops;
    private final LongConsumer lag;
    private final List<ScheduledFuture<?>> running = new ArrayList<>();

    /** @param lag accepts nanoseconds */
    public EventLoopLag(Iterable<EventExecutor> loops, LongConsumer lag) {
        this.loops = loops;
        this.lag = lag;
    }

    @Override
    public synchronized void start() {
        for (EventExecutor loop : loops) {
            running.add(loop.scheduleWithFixedDelay(new Task(), INTERVAL, INTERVAL, TimeUnit.NANOSECONDS));
        }
    }

    /** Runs on one event loop. */
    private final class Task implements Runnable {
        private long due = System.nanoTime() + INTERVAL;

        @Override
        public void run() {
            long now = System.nanoTime();
            lag.accept(Math.max(0, now - due));
            due = now + INTERVAL;
        }
    }

    @Override
    public synchronized void stop() {
        running.forEach(task -> task.cancel(false));
        running.clear();
    }

    @Override
    public synchronized boolean isRunning() {
        return !running.isEmpty();
    }
}
