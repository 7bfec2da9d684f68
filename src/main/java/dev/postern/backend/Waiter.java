package dev.postern.backend;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/** A call that waits for a slot. It continues on its own event loop, not on that of the call that released the slot. */
final class Waiter {
    private final Slot slot;
    private final MonoSink<Slot> sink;
    private final @Nullable EventExecutor loop = ThreadExecutorMap.currentExecutor();
    private final AtomicBoolean over = new AtomicBoolean();

    Waiter(Slot slot, MonoSink<Slot> sink) {
        this.slot = slot;
        this.sink = sink;
    }

    Slot slot() {
        return slot;
    }

    /** @return whether it was still waiting, which is true only the first time that this method is called */
    boolean end() {
        return over.compareAndSet(false, true);
    }

    void succeed() {
        hop(() -> sink.success(slot));
    }

    void fail(BackendBusyException problem) {
        hop(() -> sink.error(problem));
    }

    private void hop(Runnable task) {
        if (loop == null || loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException shuttingDown) {
            task.run();
        }
    }
}
