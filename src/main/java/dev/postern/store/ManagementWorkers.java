package dev.postern.store;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which the replies of the management connection are worked on, and on which bodies for it are read. Records are
 * up to a megabyte of JSON: on an event loop they would hold up the calls of everybody else.
 */
public final class ManagementWorkers implements Executor, AutoCloseable {
    private final ThreadPoolExecutor threads;

    /** @param count how many threads there are */
    public ManagementWorkers(int count) {
        // Event loops hand tasks over. This queue has no lock that they would wait for, and the threads are there already. What
        // waits is bounded by the commands in flight and by the bulkheads.
        this.threads = new ThreadPoolExecutor(count, count, 0, TimeUnit.SECONDS, new LinkedTransferQueue<>(),
                Thread.ofPlatform().daemon().name("postern-management-worker-", 1).factory(),
                // When the gate shuts down: a reply must never be lost.
                (task, _) -> task.run());
        threads.prestartAllCoreThreads();
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
