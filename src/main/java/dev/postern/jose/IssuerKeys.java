package dev.postern.jose;

import dev.postern.access.DenyReason;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Verifies tokens with the public keys of an issuer, which are fetched from its JWKS address and kept. If the known
 * keys do not verify a token, the issuer may have started to use another key, with a new ID, an old ID or no ID. The
 * keys are then fetched again, as often as {@link FetchedKeys} allows.
 */
public final class IssuerKeys implements AutoCloseable {
    private final List<String> algorithms;
    private final FetchedKeys keys;

    /**
     * @param address    {@code http} or {@code https}
     * @param algorithms the accepted algorithms, as in {@code alg}
     * @param budget     shared with the other issuers
     * @param client     the HTTP client to use; redirects, connection reuse and retries are switched off
     * @throws IllegalArgumentException if the address is not {@code http} or {@code https}
     */
    public IssuerKeys(URI address, List<String> algorithms, IssuerKeySettings settings, FetchBudget budget,
            HttpClient client, Clock clock) {
        if (address.getHost() == null || !("http".equalsIgnoreCase(address.getScheme())
                || "https".equalsIgnoreCase(address.getScheme()))) {
            // The address is not quoted, because it may contain a password.
            throw new IllegalArgumentException("a JWKS address must begin with http(s)://host");
        }
        this.algorithms = List.copyOf(algorithms);
        this.keys = new FetchedKeys(address.getHost(), new KeySetRequest(client, address, settings.maxBytes()),
                algorithms, settings, budget, clock);
    }

    /**
     * Verifies the signature of a token with the keys in memory; if none of them verifies it, fetches the keys and
     * tries again.
     *
     * @param worthFetching whether the token would be accepted if a key verified it; called only if no known key does
     * @return the key that verified it, on the event loop of the caller; {@link RefusedTokenException} if none does;
     *         {@link IssuerUnavailableException} if there are no valid keys; {@link CryptoWorkers.BusyException} if too
     *         many tokens wait
     */
    public Mono<VerificationKey> verify(CompactToken.Signed token, BooleanSupplier worthFetching,
            CryptoWorkers workers) {
        return find(token.header(), worthFetching).flatMap(candidates -> verify(candidates, token, workers)
                .switchIfEmpty(Mono.defer(() -> findOthers(token.header(), candidates, worthFetching))
                        .flatMap(others -> verify(others, token, workers)))
                .switchIfEmpty(Mono.error(() -> new RefusedTokenException(DenyReason.TOKEN_SIGNATURE_INVALID,
                        DenyReason.TOKEN_SIGNATURE_INVALID.text()))));
    }

    /**
     * The key that verifies the token; empty when none of these does. Slow verifications are not done on the caller's
     * thread.
     */
    private static Mono<VerificationKey> verify(List<VerificationKey> candidates, CompactToken.Signed token,
            CryptoWorkers workers) {
        return candidates.size() == 1 && !candidates.getFirst().isCostly()
                ? Mono.justOrEmpty(verifying(candidates, token))
                : workers.run(() -> verifying(candidates, token)).flatMap(Mono::justOrEmpty);
    }

    private static Optional<VerificationKey> verifying(List<VerificationKey> candidates, CompactToken.Signed token) {
        for (VerificationKey key : candidates) {
            try {
                key.verify(token);
                return Optional.of(key);
            } catch (RefusedTokenException byAnother) {
                // Try the next one.
            }
        }
        return Optional.empty();
    }

    /** The keys that may have signed a token with such a header: at least one, or an error. */
    Mono<List<VerificationKey>> find(JoseHeader header, BooleanSupplier worthFetching) {
        return Mono.defer(() -> {
            KeySet known = keys.now();
            if (known != null) {
                List<VerificationKey> candidates = known.candidates(header);
                if (!candidates.isEmpty()) {
                    return Mono.just(candidates);
                }
                if (!isWorthFetching(header, worthFetching)) {
                    return Mono.error(known.refusal(header));
                }
            }
            return looked(keys.fetchFor(set -> set.candidates(header).isEmpty()),
                    () -> candidates(header));
        });
    }

    private Mono<List<VerificationKey>> candidates(JoseHeader header) {
        KeySet known = keys.now();
        if (known == null) {
            return Mono.error(IssuerUnavailableException::new);
        }
        List<VerificationKey> candidates = known.candidates(header);
        return candidates.isEmpty() ? Mono.error(() -> known.refusal(header)) : Mono.just(candidates);
    }

    /** Keys that have arrived after the tried ones failed to verify the token; empty when there are none. */
    private Mono<List<VerificationKey>> findOthers(JoseHeader header, List<VerificationKey> tried,
            BooleanSupplier worthFetching) {
        if (!isWorthFetching(header, worthFetching)) {
            return Mono.empty();
        }
        return looked(keys.fetchFor(set -> tried.containsAll(set.candidates(header))), () -> {
            KeySet known = keys.now();
            return Mono.justOrEmpty(Optional.ofNullable(known)
                    .map(set -> set.candidates(header).stream().filter(Predicate.not(tried::contains)).toList())
                    .filter(others -> !others.isEmpty()));
        });
    }

    private static <T> Mono<T> looked(@Nullable Mono<Void> fetch, Supplier<Mono<T>> look) {
        return fetch == null ? look.get() : fetch.then(Mono.defer(look));
    }

    /** A token that would be refused with any key causes no fetch. */
    private boolean isWorthFetching(JoseHeader header, BooleanSupplier worthFetching) {
        return algorithms.stream().anyMatch(accepted -> VerificationKey.isSame(accepted, header.algorithm()))
                && worthFetching.getAsBoolean();
    }

    /**
     * Whether this key object is still one of the issuer's: a token that it verified may be cached for as long as this
     * is so. Does not wait for a fetch.
     */
    public boolean holds(VerificationKey key) {
        KeySet known = keys.now();
        return known != null && known.has(key);
    }

    /** Fetches since the start. */
    public long fetches() {
        return keys.fetches();
    }

    /** Fetches that failed since the start. */
    public long failures() {
        return keys.failures();
    }

    /** When the last fetch succeeded. */
    Optional<Instant> lastSuccess() {
        return keys.lastSuccess();
    }

    /** Whether the keys are due to be fetched again, or were never fetched. The next use fetches them. */
    boolean isStale() {
        return keys.isStale();
    }

    /** Keys that are valid. */
    int keys() {
        return keys.size();
    }

    /** Breaks off a fetch under way, and makes no more. */
    @Override
    public void close() {
        keys.close();
    }
}
