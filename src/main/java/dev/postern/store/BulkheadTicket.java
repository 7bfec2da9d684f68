package dev.postern.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/** A task in a {@link Bulkhead}. Its state changes only under the lock of the bulkhead. */
final class BulkheadTicket implements Disposable {
    private final String account;
    private final Supplier<Disposable> task;
    private final Disposable.Swap work = Disposables.swap();
    private final Disposable.Swap limit = Disposables.swap();
    private State state = State.WAITING;

    enum State {
        WAITING,
        RUNNING,
        ENDED
    }

    /** @param task starts the work, and returns a handle that cancels it */
    BulkheadTicket(String account, Supplier<Disposable> task) {
        this.account = account;
        this.task = task;
    }

    String account() {
        return account;
    }

    State state() {
        return state;
    }

    State become(State next) {
        state = next;
        return next;
    }

    void endAfter(Duration patience, Runnable end) {
        limit.update(Schedulers.parallel().schedule(end, patience.toNanos(), TimeUnit.NANOSECONDS));
    }

    void begin() {
        limit.dispose();
        if (!work.isDisposed()) {
            work.update(task.get());
        }
    }

    @Override
    public void dispose() {
        limit.dispose();
        work.dispose();
    }
}
