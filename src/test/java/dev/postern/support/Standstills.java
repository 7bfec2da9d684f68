package dev.postern.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Records when the machine itself stood still: for a garbage collection, or because other processes used its
 * processors. A delay for that reason is not the fault of the code under test. Some threads sleep for a moment, then
 * hand an empty task to another thread, because a call also goes from one thread to the next. They wait for nothing
 * else, so that a wait for Redis is not excused as a standstill.
 */
public final class Standstills implements AutoCloseable {
    private static final int WATCHERS = 3;
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(5);

    private final long origin = System.nanoTime();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> watchers = new ArrayList<>();
    private final ExecutorService partners = Executors
            .newCachedThreadPool(Thread.ofPlatform().daemon().name("standstills-partner-", 0).factory());
    /**
     * The standstills: beginning and end of each, since the origin. None overlaps another, so that nothing is counted
     * twice.
     */
    private final NavigableMap<Long, Long> spans = new TreeMap<>();

    public Standstills() {
        for (int i = 0; i < WATCHERS; i++) {
            watchers.add(Thread.ofPlatform().daemon().name("standstills-" + i).start(this::watch));
        }
    }

    private void watch() {
        long last = System.nanoTime();
        try {
            while (!stopped.get()) {
                LockSupport.parkNanos(TICK);
                partners.submit(() -> {}).get();
                long now = System.nanoTime();
                if (now - last > LATE) {
                    add(last - origin, now - origin);
                }
                last = now;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private synchronized void add(long began, long ended) {
        long from = began;
        long to = ended;
        Map.Entry<Long, Long> other = spans.floorEntry(to);
        while (other != null && other.getValue() >= from) {
            spans.remove(other.getKey());
            from = Math.min(from, other.getKey());
            to = Math.max(to, other.getValue());
            other = spans.floorEntry(to);
        }
        spans.put(from, to);
    }

    /**
     * How long something took from {@code began} to {@code ended}, both by {@link System#nanoTime}, without the time in
     * which the machine stood still.
     */
    public synchronized Duration without(long began, long ended) {
        long from = began - origin;
        long to = ended - origin;
        long stood = spans.headMap(to, true).descendingMap().entrySet().stream()
                .takeWhile(span -> span.getValue() > from)
                .mapToLong(span -> Math.min(to, span.getValue()) - Math.max(from, span.getKey())).sum();
        return Duration.ofNanos(ended - began - stood);
    }

    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread watcher : watchers) {
                watcher.join(Duration.ofSeconds(30));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        partners.shutdown();
    }
}
