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

/** A few threads for work that would hold up an event loop, with a bounded queue: what does not fit is refused at once. */
public final class CryptoWorkers implements AutoCloseable {
    private final ThreadPoolExecutor threads;
    private final LongAdder refused = new LongAdder();

    /**
     * @param name       of the threads
     * @param maxThreads how many work at a time
     * @param maxWaiting how many pieces of work wait
     */
    public CryptoWorkers(String name, int maxThreads, int maxWaiting) {
        this.threads = new ThreadPoolExecutor(maxThreads, maxThreads, 30, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting), Thread.ofPlatform().daemon().name(name + "-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** There is too much to do. */
    public static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("Too much is waiting to be computed. Try again.", null, false, false);
        }
    }

    /**
     * Does the work on one of the threads, and goes on where the caller was.
     *
     * @return what the work comes to; {@link BusyException} if too much is waiting
     */
    public <T> Mono<T> run(Supplier<T> work) {
        return Mono.defer(() -> {
            // Back to the event loop of the caller: these threads have others to serve.
            EventExecutor caller = ThreadExecutorMap.currentExecutor();
            return Mono.<T>create(sink -> {
                FutureTask<?> task = new FutureTask<>(() -> carryOut(work, caller, sink), null);
                // Whose client has gone away does not take a turn.
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
            // An error that was kept here would leave the caller waiting for ever.
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

    /** Pieces of work that wait right now. */
    public int waiting() {
        return threads.getQueue().size();
    }

    /** Pieces of work that were refused since the start. */
    public long refused() {
        return refused.sum();
    }

    /** Takes no more work; what waits is still done. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
