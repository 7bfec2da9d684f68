package dev.postern.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which the replies of the management connection are worked on, and on which bodies for it are read. Records are
 * up to a megabyte of JSON: on an event loop they would hold up the calls of everybody else.
 */
public final class ManagementWorkers implements Executor, AutoCloseable {
    private static final int MAX_WAITING = 10_000;

    private final ThreadPoolExecutor threads;

    /** @param count how many threads there are */
    public ManagementWorkers(int count) {
        this.threads = new ThreadPoolExecutor(count, count, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().daemon().name("postern-management-worker-", 1).factory(),
                // A reply must never be lost. Where the queue is full, the event loop of the connection reads on later.
                (task, _) -> task.run());
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** How many work at a time. */
    public int count() {
        return threads.getMaximumPoolSize();
    }

    /** Tasks that wait for a thread. */
    public int waiting() {
        return threads.getQueue().size();
    }

    /** Takes no more tasks; what waits is still done. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
