package dev.postern.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Limits slow work so that no account can starve the others. Both the running and the waiting work are limited, for
 * each account and overall. Accounts that wait take turns.
 */
public final class Bulkhead {
    private final String work;
    private final Limits limits;
    private final Executor executor;
    private final Map<String, Share> shares = new HashMap<>();
    /** Accounts that have a free slot and waiting work, the next one first. */
    private final Deque<Share> ready = new ArrayDeque<>();
    private final LongAdder refused = new LongAdder();
    private int running;
    private int waiting;

    /**
     * The limits.
     *
     * @param perAccount        tasks of one account that run at a time
     * @param waitingPerAccount tasks of one account that wait
     * @param overall           tasks that run at a time
     * @param waiting           tasks that wait
     * @param patience          the longest wait
     */
    record Limits(int perAccount, int waitingPerAccount, int overall, int waiting, Duration patience) {}

    /**
     * @param work     what the tasks do, in the plural, for error messages
     * @param executor where the tasks start
     */
    Bulkhead(String work, Limits limits, Executor executor) {
        this.work = work;
        this.limits = limits;
        this.executor = executor;
    }

    /** The running and waiting tasks of one account. */
    private static final class Share {
        final String account;
        final Deque<BulkheadTicket> waiting = new ArrayDeque<>();
        int running;
        boolean isReady;

        Share(String account) {
            this.account = account;
        }
    }

    /**
     * Runs a task for an account when its turn comes; {@link BulkheadFullException} if too many tasks wait, or this one
     * waits too long.
     */
    <T> Mono<T> run(String account, Mono<T> task) {
        return Mono.create(sink -> {
            BulkheadTicket ticket = new BulkheadTicket(account, () -> task.contextWrite(sink.contextView())
                    .subscribe(sink::success, sink::error, sink::success));
            sink.onDispose(() -> end(ticket));
            switch (admit(ticket)) {
                case RUNNING -> executor.execute(ticket::begin);
                case WAITING -> ticket.endAfter(limits.patience(), () -> giveUp(ticket, sink::error));
                case ENDED -> sink.error(full(account));
            }
        });
    }

    private synchronized BulkheadTicket.State admit(BulkheadTicket ticket) {
        Share share = shares.computeIfAbsent(ticket.account(), Share::new);
        if (share.running < limits.perAccount() && running < limits.overall()) {
            share.running++;
            running++;
            return ticket.become(BulkheadTicket.State.RUNNING);
        }
        if (share.waiting.size() >= limits.waitingPerAccount() || waiting >= limits.waiting()) {
            forgetIfIdle(share);
            return ticket.become(BulkheadTicket.State.ENDED);
        }
        share.waiting.add(ticket);
        waiting++;
        offer(share);
        return ticket.become(BulkheadTicket.State.WAITING);
    }

    private RuntimeException full(String account) {
        refused.increment();
        return new BulkheadFullException("Too many " + work + " of account " + account
                + " or of all accounts are running or waiting. Try again.");
    }

    private void giveUp(BulkheadTicket ticket, Consumer<Throwable> caller) {
        if (leave(ticket)) {
            caller.accept(full(ticket.account()));
        }
    }

    /** Removes a waiting task; false if it was not waiting. */
    private synchronized boolean leave(BulkheadTicket ticket) {
        Share share = shares.get(ticket.account());
        if (share == null || !share.waiting.remove(ticket)) {
            return false;
        }
        waiting--;
        ticket.become(BulkheadTicket.State.ENDED);
        forgetIfIdle(share);
        return true;
    }

    /** Called when the task has finished or its caller has cancelled. */
    private void end(BulkheadTicket ticket) {
        if (!leave(ticket)) {
            release(ticket);
        }
        ticket.dispose();
        for (BulkheadTicket next = next(); next != null; next = next()) {
            executor.execute(next::begin);
        }
    }

    private synchronized void release(BulkheadTicket ticket) {
        Share share = shares.get(ticket.account());
        if (share == null || ticket.state() != BulkheadTicket.State.RUNNING) {
            return;
        }
        ticket.become(BulkheadTicket.State.ENDED);
        share.running--;
        running--;
        offer(share);
        forgetIfIdle(share);
    }

    private synchronized @Nullable BulkheadTicket next() {
        while (running < limits.overall()) {
            Share share = ready.poll();
            if (share == null) {
                return null;
            }
            share.isReady = false;
            BulkheadTicket ticket = share.waiting.poll();
            if (ticket != null) {
                waiting--;
                share.running++;
                running++;
                offer(share);
                ticket.become(BulkheadTicket.State.RUNNING);
                return ticket;
            }
            forgetIfIdle(share);
        }
        return null;
    }

    private void offer(Share share) {
        if (!share.isReady && share.running < limits.perAccount() && !share.waiting.isEmpty()) {
            share.isReady = true;
            ready.add(share);
        }
    }

    private void forgetIfIdle(Share share) {
        if (share.running == 0 && share.waiting.isEmpty() && !share.isReady) {
            shares.remove(share.account, share);
        }
    }

    /** Running tasks. */
    public synchronized int running() {
        return running;
    }

    /** Waiting tasks. */
    public synchronized int waiting() {
        return waiting;
    }

    /** Tasks refused since the start. */
    public long refused() {
        return refused.sum();
    }
}
