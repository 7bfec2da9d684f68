package dev.postern.store;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Keeps a call on its own event loop: the connection to Redis has one thread, which serves other callers too. */
final class EventLoops {
    private EventLoops() {}

    /** The caller's event loop; null if it has none. */
    static @Nullable EventExecutor current() {
        return ThreadExecutorMap.currentExecutor();
    }

    /** Runs tasks on the caller's event loop, or on the thread that submits them if there is none. */
    static Executor back() {
        EventExecutor caller = current();
        return task -> hop(caller, task);
    }

    /** Runs a task on that loop, or here if there is none or it has shut down. */
    static void hop(@Nullable EventExecutor to, Runnable task) {
        if (to == null || to.inEventLoop()) {
            task.run();
            return;
        }
        try {
            to.execute(task);
        } catch (RejectedExecutionException shuttingDown) {
            task.run();
        }
    }

    /** Waits for a shared result. Cancelling the wait does not cancel it for the others. */
    static <T> Mono<T> await(CompletableFuture<T> shared) {
        return Mono.create(sink -> {
            EventExecutor caller = current();
            var _ = shared.whenComplete((value, failure) -> hop(caller, () -> {
                if (failure == null) {
                    sink.success(value);
                } else {
                    sink.error(failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure);
                }
            }));
        });
    }
}
