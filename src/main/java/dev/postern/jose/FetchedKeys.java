package dev.postern.jose;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Fetches the keys of an issuer and keeps the latest set. Only one fetch runs at a time, shared by all callers that
 * wait. After a failed fetch, the known keys stay, and the next fetch waits for a pause. Anyone can send tokens with
 * unknown keys, so the fetches they cause are limited here: for this issuer by a pause, and for all issuers together by
 * a {@link FetchBudget}.
 */
final class FetchedKeys implements AutoCloseable {
    /**
     * The maximum number of callers that may wait for a fetch. Others are refused and told to try again, so that a
     * flood of tokens cannot exhaust memory.
     */
    static final int MAX_WAITING = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(FetchedKeys.class);
    private static final Instant NEVER = Instant.MIN;

    private final String host;
    private final List<String> algorithms;
    private final IssuerKeySettings settings;
    private final FetchBudget budget;
    private final KeySetRequest request;
    private final Clock clock;
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();

    // Written under this object's lock, which is only held briefly; read without it.
    private volatile Kept kept = new Kept(KeySet.NONE, NEVER);
    /** When the last fetch failed; {@code NEVER} if it succeeded. */
    private volatile Instant failedAt = NEVER;
    private volatile @Nullable Fetch running;
    private volatile boolean closed;
    /** When a token that no known key verifies last caused a fetch. */
    private Instant missedAt = NEVER;

    /** The keys that were fetched last. */
    private record Kept(KeySet keys, Instant since) {}

    /** A fetch under way. */
    private static final class Fetch {
        /** Signals the waiting callers to look at the keys again; carries no value. */
        private final Sinks.Empty<Void> end = Sinks.empty();
        private final AtomicInteger waiting = new AtomicInteger();
        private final Disposable.Swap work = Disposables.swap();

        /** Completes when the fetch ends, on the caller's event loop. */
        Mono<Void> await() {
            return Mono.defer(() -> {
                if (waiting.incrementAndGet() > MAX_WAITING) {
                    waiting.decrementAndGet();
                    return Mono.error(new CryptoWorkers.BusyException());
                }
                EventExecutor caller = ThreadExecutorMap.currentExecutor();
                Mono<Void> there = caller == null
                        ? end.asMono()
                        : end.asMono().publishOn(Schedulers.fromExecutorService(caller));
                return there.doFinally(_ -> waiting.decrementAndGet());
            });
        }
    }

    /** @param host for the log */
    FetchedKeys(String host, KeySetRequest request, List<String> algorithms, IssuerKeySettings settings,
            FetchBudget budget, Clock clock) {
        this.host = host;
        this.request = request;
        this.algorithms = List.copyOf(algorithms);
        this.settings = settings;
        this.budget = budget;
        this.clock = clock;
    }

    /** The keys, if there are any that have not expired. Starts a fetch when they are stale. */
    @Nullable KeySet now() {
        if (isStale() && mayFetch()) {
            refresh();
        }
        Kept seen = kept;
        return counts(seen) ? seen.keys : null;
    }

    private void refresh() {
        Fetch fetch;
        synchronized (this) {
            // Another caller may have started a fetch meanwhile.
            if (!isStale() || !mayFetch()) {
                return;
            }
            fetch = begin();
        }
        launch(fetch);
    }

    /**
     * Waits for a fetch that may bring the key of a token: the one in progress, or a new one if that is allowed.
     *
     * @param lacking whether the key is missing from a set; a new set may have arrived meanwhile
     * @return null if there is nothing to wait for; otherwise a Mono that fails with
     *         {@link CryptoWorkers.BusyException} if too many callers wait
     */
    @Nullable Mono<Void> fetchFor(Predicate<KeySet> lacking) {
        Fetch fetch;
        synchronized (this) {
            Fetch underWay = running;
            if (underWay != null) {
                return underWay.await();
            }
            // The budget is checked last, so that only fetches that are made are taken from it.
            if (!mayFetch() || !counts(kept) || !lacking.test(kept.keys)
                    || !passed(settings.unknownKeyPause(), missedAt) || !budget.take()) {
                return null;
            }
            missedAt = clock.instant();
            fetch = begin();
        }
        launch(fetch);
        return fetch.await();
    }

    private Fetch begin() {
        Fetch fetch = new Fetch();
        running = fetch;
        fetches.increment();
        return fetch;
    }

    private void launch(Fetch fetch) {
        // Not on the workers that verify tokens: a flood of tokens there must not prevent keys from being fetched.
        fetch.work.update(request.send()
                .publishOn(Schedulers.boundedElastic())
                .map(json -> KeySet.read(json, algorithms, settings.maxKeys(), kept.keys))
                .subscribeOn(Schedulers.boundedElastic())
                .timeout(settings.timeout())
                .subscribe(keys -> succeed(fetch, keys), failure -> fail(fetch, failure)));
    }

    private void succeed(Fetch fetch, KeySet keys) {
        boolean again;
        synchronized (this) {
            if (running != fetch) {
                return;
            }
            again = !failedAt.equals(NEVER);
            kept = new Kept(keys, clock.instant());
            failedAt = NEVER;
            running = null;
        }
        if (again) {
            LOG.info("The keys of the issuer at {} can be fetched again", host);
        }
        var _ = fetch.end.tryEmitEmpty();
    }

    private void fail(Fetch fetch, Throwable failure) {
        boolean first;
        synchronized (this) {
            if (running != fetch) {
                return;
            }
            first = failedAt.equals(NEVER);
            failedAt = clock.instant();
            failures.increment();
            running = null;
        }
        if (first) {
            // Messages of other exceptions may quote the address, which may contain a password.
            LOG.warn("The keys of the issuer at {} cannot be fetched: {}", host,
                    failure instanceof UnusableKeySetException unusable
                            ? unusable.getMessage()
                            : failure.getClass().getSimpleName());
        }
        var _ = fetch.end.tryEmitEmpty();
    }

    private boolean mayFetch() {
        return running == null && !closed && passed(settings.retryAfter(), failedAt);
    }

    private boolean counts(Kept keys) {
        return clock.instant().isBefore(keys.since.plus(settings.expireAfter()));
    }

    /**
     * Whether the pause has passed, or the clock was set back. The clock is read after {@code since}, so a time before
     * it means that the clock was set back.
     */
    private boolean passed(Duration pause, Instant since) {
        Instant now = clock.instant();
        return now.isBefore(since) || !now.isBefore(since.plus(pause));
    }

    long fetches() {
        return fetches.sum();
    }

    long failures() {
        return failures.sum();
    }

    Optional<Instant> lastSuccess() {
        return Optional.of(kept.since).filter(since -> !since.equals(NEVER));
    }

    boolean isStale() {
        return passed(settings.refreshAfter(), kept.since);
    }

    int size() {
        Kept seen = kept;
        return counts(seen) ? seen.keys.size() : 0;
    }

    /** Cancels a fetch in progress and makes no more. */
    @Override
    public void close() {
        Fetch cut;
        synchronized (this) {
            closed = true;
            cut = running;
            running = null;
        }
        if (cut != null) {
            cut.work.dispose();
            var _ = cut.end.tryEmitEmpty();
        }
    }
}
