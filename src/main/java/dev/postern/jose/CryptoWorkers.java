package dev.postern.jose;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A few threads for computations that would block an event loop, with a bounded queue. Work that does not fit into the
 * queue is refused at once.
 */
public final class CryptoWorkers implements AutoCloseable {
    private final ThreadPoolExecutor threads;
    private final LongAdder refused = new LongAdder();

    /**
     * @param name       of the threads
     * @param maxThreads the number of threads
     * @param maxWaiting how many pieces of work may wait
     */
    public CryptoWorkers(String name, int maxThreads, int maxWaiting) {
        this.threads = new ThreadPoolExecutor(maxThreads, maxThreads, 30, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting), Thread.ofPlatform().daemon().name(name + "-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** The queue is full. */
    public static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("Too many computations are waiting. Try again.", null, false, false);
        }
    }

    /**
     * Does the work on one of the threads and delivers the result on the caller's event loop.
     *
     * @return the result of the work; {@link BusyException} if the queue is full
     */
    public <T> Mono<T> run(Supplier<T> work) {
        return Mono.defer(() -> {
            // Back to the event loop of the caller, so that these threads are free for other work.
            EventExecutor caller = ThreadExecutorMap.currentExecutor();
            return Mono.<T>create(sink -> {
                FutureTask<?> task = new FutureTask<>(() -> carryOut(work, caller, sink), null);
                // If the client has gone away, its work is not done.
                sink.onCancel(() -> threads.remove(task));
                try {
                    threads.execute(task);
                } catch (RejectedExecutionException full) {
                    refused.increment();
                    sink.error(new BusyException());
                }
            });
        });
    }

    private static <T> void carryOut(Supplier<T> work, @Nullable EventExecutor caller, MonoSink<T> sink) {
        Runnable outcome;
        try {
            T result = work.get();
            outcome = () -> sink.success(result);
        } catch (RuntimeException | Error failed) {
            // If an error were not passed on, the caller would wait forever.
            outcome = () -> sink.error(failed);
        }
        if (caller == null) {
            outcome.run();
            return;
        }
        try {
            caller.execute(outcome);
        } catch (RejectedExecutionException shuttingDown) {
            outcome.run();
        }
    }

    /** Pieces of work that are waiting now. */
    public int waiting() {
        return threads.getQueue().size();
    }

    /** Pieces of work that were refused since the start. */
    public long refused() {
        return refused.sum();
    }

    /** Accepts no more work; queued work is still done. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
