package dev.postern.store;

import java.time.Duration;
import java.util.concurrent.Executor;
import reactor.core.publisher.Mono;

/** Limits the account operations that may be large (listings and changes), so that each account gets its turn. */
public final class AccountWork {
    private static final int CHANGES_PER_ACCOUNT = 4;
    private static final int CHANGES_WAITING_PER_ACCOUNT = 64;
    private static final int CHANGES_AT_ONCE = 32;
    private static final int CHANGES_WAITING = 512;
    private static final Duration CHANGE_PATIENCE = Duration.ofSeconds(10);
    /** Loading reads a whole list. */
    private static final int LOADS_AT_ONCE = 2;

    private final Duration longestList;
    private final Bulkhead lists;
    private final Bulkhead changes;
    private final Bulkhead searches;
    private final Bulkhead loads;

    /**
     * @param executor where the work starts; must not be an event loop
     * @param threads  the number of its threads. Searches compute for a long time, so they leave one of several threads
     *                 to other work.
     */
    public AccountWork(ListingSettings settings, Executor executor, int threads) {
        this.longestList = settings.longest();
        this.lists = new Bulkhead("lists", new Bulkhead.Limits(1, settings.maxWaitingPerAccount(), settings.maxAtOnce(),
                settings.maxWaiting(), settings.patience()), executor);
        this.changes = new Bulkhead("changes", new Bulkhead.Limits(CHANGES_PER_ACCOUNT, CHANGES_WAITING_PER_ACCOUNT,
                CHANGES_AT_ONCE, CHANGES_WAITING, CHANGE_PATIENCE), executor);
        this.searches = new Bulkhead("searches", new Bulkhead.Limits(1, settings.maxWaitingPerAccount(),
                Math.max(1, threads - 1), settings.maxWaiting(), settings.patience()), executor);
        this.loads = new Bulkhead("searches", new Bulkhead.Limits(1, settings.maxWaitingPerAccount(), LOADS_AT_ONCE,
                settings.maxWaiting(), settings.longest()), executor);
    }

    /**
     * Reads and returns a list of an account. Each account reads one list at a time.
     *
     * @return {@link BulkheadFullException} when too many lists wait, or when this one takes longer than {@code
     *         postern.listing.longest}
     */
    public <T> Mono<T> list(String account, Mono<T> list) {
        return lists.run(account, list.timeout(longestList, Mono.error(() -> new BulkheadFullException(
                "The list took longer than " + longestList.toSeconds() + " s. Try again."))));
    }

    /** Applies a change to an account; {@link BulkheadFullException} when too many changes wait. */
    public <T> Mono<T> change(String account, Mono<T> change) {
        return changes.run(account, change);
    }

    /** Searches the names of an account. Each account runs one search at a time. */
    public <T> Mono<T> search(String account, Mono<T> search) {
        return searches.run(account, search);
    }

    /** Reads a whole list of an account for its searches, which may take longer than a call waits. */
    public <T> Mono<T> load(String account, Mono<T> load) {
        return loads.run(account, load);
    }

    public Bulkhead searches() {
        return searches;
    }

    public Bulkhead loads() {
        return loads;
    }

    public Bulkhead lists() {
        return lists;
    }

    public Bulkhead changes() {
        return changes;
    }
}
