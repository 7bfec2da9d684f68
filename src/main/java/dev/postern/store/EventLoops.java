package dev.postern.store;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Keeps a call on the event loop on which it came: the connection to Redis has one thread, which has other callers to serve. */
final class EventLoops {
    private EventLoops() {}

    /** The loop of the caller; null where it has none. */
    static @Nullable EventExecutor current() {
        return ThreadExecutorMap.currentExecutor();
    }

    /** Runs tasks on the loop of the caller, or wherever they are handed over if there is none. */
    static Executor back() {
        EventExecutor caller = current();
        return task -> hop(caller, task);
    }

    /** Runs a task on that loop, or here if there is none, or none any more. */
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

    /** What others are waiting for too; who stops to wait does not end it for them. */
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
