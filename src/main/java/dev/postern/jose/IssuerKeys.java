package dev.postern.jose;

import dev.postern.access.DenyReason;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;

/**
 * The public keys of an issuer, fetched from its JWKS address and kept. There is one fetch at a time, for all who wait;
 * what failed is not kept, and does not end what is.
 */
public final class IssuerKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final Instant NEVER = Instant.MIN;

    private final String host;
    private final List<String> algorithms;
    private final IssuerKeySettings settings;
    private final FetchBudget budget;
    private final KeySetRequest request;
    private final Clock clock;
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();

    // Written under this object's lock, which is held for a few instructions only; read without it.
    private volatile Kept kept = new Kept(KeySet.NONE, NEVER);
    /** When the last fetch failed; never, if it did not. */
    private volatile Instant failedAt = NEVER;
    private volatile @Nullable Fetch running;
    private volatile boolean closed;
    /** When a key id that is not among the keys last made for a fetch. */
    private Instant missedAt = NEVER;

    /** What was fetched last. */
    private record Kept(KeySet keys, Instant since) {}

    /** A fetch under way. */
    private static final class Fetch {
        /** For those who wait. Tells them nothing but to look again. */
        private final Sinks.Empty<Void> end = Sinks.empty();
        private final Disposable.Swap work = Disposables.swap();
    }

    /**
     * @param address    {@code http} or {@code https}
     * @param algorithms those accepted, as in {@code alg}
     * @param budget     shared with the other issuers
     * @param client     is used as it is, save that it follows no redirect, keeps no connection and tries once
     * @throws IllegalArgumentException if the address is another
     */
    public IssuerKeys(URI address, List<String> algorithms, IssuerKeySettings settings, FetchBudget budget,
            HttpClient client, Clock clock) {
        if (address.getHost() == null || !("http".equalsIgnoreCase(address.getScheme())
                || "https".equalsIgnoreCase(address.getScheme()))) {
            // Without quoting it: there may be a password in it.
            throw new IllegalArgumentException("a JWKS address is http(s)://host and what follows");
        }
        this.host = address.getHost();
        this.algorithms = List.copyOf(algorithms);
        this.settings = settings;
        this.budget = budget;
        this.request = new KeySetRequest(client, address, settings.maxBytes());
        this.clock = clock;
    }

    /**
     * The key with which to verify a token, from memory when it is there, else after a fetch, on the event loop of the
     * caller. It is found by its id: that the algorithms agree is left to {@link VerificationKey#verify}.
     *
     * @return the key; {@link RefusedTokenException} if the issuer has none for the token; {@link IssuerUnavailableException}
     *         if there are no keys that count
     */
    public Mono<VerificationKey> find(JoseHeader header) {
        return Mono.defer(() -> {
            Optional<VerificationKey> known = lookUp(header);
            if (known.isPresent()) {
                return Mono.just(known.get());
            }
            Fetch fetch = fetchFor(header);
            return fetch == null
                    ? answer(header)
                    : whereTheCallerIs(fetch.end.asMono()).then(Mono.defer(() -> answer(header)));
        });
    }

    /**
     * Whether this very key is the one for such a token, still: what was verified with it may be remembered for as long as
     * this is so. Looks at memory only.
     */
    public boolean holds(JoseHeader header, VerificationKey key) {
        return lookUp(header).filter(found -> found == key).isPresent();
    }

    /** What is known now; sees to it that the keys do not become too old. */
    private Optional<VerificationKey> lookUp(JoseHeader header) {
        if (isStale() && mayFetch()) {
            refresh();
        }
        Kept seen = kept;
        return counts(seen) ? seen.keys.choose(header) : Optional.empty();
    }

    private Mono<VerificationKey> answer(JoseHeader header) {
        Kept seen = kept;
        if (!counts(seen)) {
            return Mono.error(IssuerUnavailableException::new);
        }
        return Mono.justOrEmpty(seen.keys.choose(header)).switchIfEmpty(Mono.error(() -> new RefusedTokenException(
                DenyReason.TOKEN_KEY_UNKNOWN, "The issuer has no key for the header of the token.")));
    }

    private static Mono<Void> whereTheCallerIs(Mono<Void> end) {
        EventExecutor caller = ThreadExecutorMap.currentExecutor();
        return caller == null ? end : end.publishOn(Schedulers.fromExecutorService(caller));
    }

    private void refresh() {
        Fetch fetch;
        synchronized (this) {
            // Another caller may have been here meanwhile.
            if (!isStale() || !mayFetch()) {
                return;
            }
            fetch = begin();
        }
        launch(fetch);
    }

    /** The fetch that a token has to wait for whose key is not known, if there is any use in waiting. */
    private @Nullable Fetch fetchFor(JoseHeader header) {
        Fetch fetch;
        synchronized (this) {
            if (running != null || !mayFetch()) {
                return running;
            }
            // The budget comes last, so that only a fetch that is made is taken from it.
            if (header.keyId().isEmpty() || !counts(kept) || kept.keys.choose(header).isPresent()
                    || !passed(settings.unknownKeyPause(), missedAt) || !budget.take()) {
                return null;
            }
            missedAt = clock.instant();
            fetch = begin();
        }
        launch(fetch);
        return fetch;
    }

    private Fetch begin() {
        Fetch fetch = new Fetch();
        running = fetch;
        fetches.increment();
        return fetch;
    }

    private void launch(Fetch fetch) {
        // Not on the workers that verify tokens: whoever floods them must not keep keys from being fetched.
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
            // Messages of others may quote the address, with a password in it.
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

    /** The time is looked at after what it is compared with, so that only a clock that was put back is behind. */
    private boolean passed(Duration pause, Instant since) {
        Instant now = clock.instant();
        return now.isBefore(since) || !now.isBefore(since.plus(pause));
    }

    /** Fetches since the start. */
    public long fetches() {
        return fetches.sum();
    }

    /** Fetches that failed since the start. */
    public long failures() {
        return failures.sum();
    }

    /** When the last fetch succeeded. */
    public Optional<Instant> lastSuccess() {
        return Optional.of(kept.since).filter(since -> !since.equals(NEVER));
    }

    /** Whether the keys are due to be fetched anew, or were never fetched. The next use of them sees to it. */
    public boolean isStale() {
        return passed(settings.refreshAfter(), kept.since);
    }

    /** Keys that count. */
    public int keys() {
        Kept seen = kept;
        return counts(seen) ? seen.keys.size() : 0;
    }

    /** Breaks off a fetch under way, and makes no more. */
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
