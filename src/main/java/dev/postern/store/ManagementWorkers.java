package dev.postern.store;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that process replies on the management connection, and parse request bodies for it. Records are up to a
 * megabyte of JSON: on an event loop they would delay all other calls.
 */
public final class ManagementWorkers implements Executor, AutoCloseable {
    private final ThreadPoolExecutor threads;

    /** @param count the number of threads */
    ManagementWorkers(int count) {
        // Event loops submit tasks. This queue has no lock for which they would wait, and the threads are started in
        // advance. The number of waiting tasks is bounded by the commands in flight and by the bulkheads.
        this.threads = new ThreadPoolExecutor(count, count, 0, TimeUnit.SECONDS, new LinkedTransferQueue<>(),
                Thread.ofPlatform().daemon().name("postern-management-worker-", 1).factory(),
                // During shutdown: a reply must never be lost.
                (task, _) -> task.run());
        threads.prestartAllCoreThreads();
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** The number of threads. */
    int count() {
        return threads.getMaximumPoolSize();
    }

    /** Tasks that wait for a thread. */
    public int waiting() {
        return threads.getQueue().size();
    }

    /** Accepts no more tasks; waiting tasks still run. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
