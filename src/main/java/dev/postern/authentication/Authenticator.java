package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.TokenSettings;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.IssuerUnavailableException;
import dev.postern.jose.RefusedTokenException;
import dev.postern.jose.TokenTimes;
import dev.postern.store.Patience;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Turns what a caller presents into a principal. */
public final class Authenticator {
    /** What changes while it is verified is verified again so often. */
    private static final int ATTEMPTS = 4;

    private final RecordSource records;
    private final UnreadableRecords unreadable;
    private final Clock clock;
    private final Issuers issuers;
    private final VerifiedCredentials remembered;
    private final OpaqueVerifier opaque;
    private final RsaTokenVerifier rsaTokens;
    private final JwtTokenVerifier jwtTokens;

    /** @param records where records are read; what is written goes to Redis */
    public Authenticator(RecordSource records, RedisStore redis, SecretKeys secrets, TokenSettings settings,
            Issuers issuers, CryptoWorkers workers, Clock clock) {
        TokenTimes times = new TokenTimes(settings.clockSkew(), settings.maxLifetime());
        OpenKeys keys = new OpenKeys(secrets, settings.maxOpenKeys());
        this.records = records;
        this.unreadable = redis.unreadable();
        this.clock = clock;
        this.issuers = issuers;
        this.remembered = new VerifiedCredentials(settings.rememberFor(), settings.rememberSize().toBytes());
        this.opaque = new OpaqueVerifier(new CredentialRecords(redis, secrets), clock);
        this.rsaTokens = new RsaTokenVerifier(redis, secrets, keys, workers, times, clock);
        this.jwtTokens = new JwtTokenVerifier(secrets, keys, workers, times, settings.audience(), clock);
    }

    /**
     * Answers as far as memory goes, without waiting for anything: knows what was verified before and has not changed since,
     * refuses what is no credential of any kind, and says of the rest what the store has to be asked. Callers ask here first.
     *
     * @param patience how long, while the store is away, what is remembered of it will do
     */
    public Authentication authenticateNow(Presentation presentation, Patience patience) {
        return switch (presentation) {
            case Presentation.Refused(var denied) -> new Authentication.Refused(denied);
            case Presentation.Presented(var presented) -> {
                try {
                    yield authenticateNow(presented, patience);
                } catch (RefusedTokenException refused) {
                    yield refused(refused);
                }
            }
        };
    }

    /**
     * The same for a call that was verified before and took its time since, as its body did. Of a token for one use that is no
     * second use.
     *
     * @param presentation what it presented
     * @param before       what it was verified as
     */
    public Authentication authenticateAgainNow(Presentation presentation, Authentication.Verified before,
            Patience patience) {
        VerifiedCredentials.Remembered known = switch (before.basis()) {
            case VerifiedCredentials.Remembered basis -> basis;
        };
        Boolean holds = known.holdsNow(records, patience, clock.millis());
        if (holds != null && holds) {
            return before;
        }
        return known.isForOneUse() && presentation instanceof Presentation.Presented(var presented)
                // Anywhere else it would be found to have been used.
                ? new Authentication.NeedsStore(new Lookup.Repeated(TokenDigest.of(presented), presented, known),
                        patience)
                : authenticateNow(presentation, patience);
    }

    private Authentication authenticateNow(PresentedCredential presented, Patience patience) {
        TokenDigest digest = TokenDigest.of(presented);
        VerifiedCredentials.Remembered known = remembered.find(digest);
        if (known == null) {
            return new Authentication.NeedsStore(lookup(digest, presented, false), patience);
        }
        Boolean holds = known.holdsNow(records, patience, clock.millis());
        if (holds == null) {
            return new Authentication.NeedsStore(new Lookup.Repeated(digest, presented, known), patience);
        }
        if (holds) {
            return known.answer();
        }
        remembered.forget(digest);
        return new Authentication.NeedsStore(lookup(digest, presented, false), patience);
    }

    /**
     * What has to be asked.
     *
     * @param used whether this very call has used it already, where it is for one use
     * @throws RefusedTokenException if it is a token that cannot be valid, whatever the store says
     */
    private Lookup lookup(TokenDigest digest, PresentedCredential presented, boolean used) {
        String secret = presented.secret();
        if (!CompactToken.isOne(secret)) {
            return new Lookup.Opaque(digest, presented);
        }
        if (!used && remembered.isUsedUp(digest)) {
            throw new RefusedTokenException(DenyReason.TOKEN_REPLAYED, DenyReason.TOKEN_REPLAYED.text());
        }
        return switch (CompactToken.read(secret)) {
            case CompactToken.Encrypted token -> new Lookup.Encrypted(digest, token, rsaTokens.index(token),
                    used);
            case CompactToken.Signed token -> {
                Claims claims = Claims.read(token.payload());
                Optional<Issuer> issuer = claims.has("iss")
                        ? claims.string("iss").flatMap(issuers::find)
                        : Optional.empty();
                yield issuer.isPresent()
                        ? new Lookup.Issued(digest, token, claims, issuer.get())
                        : new Lookup.Signed(digest, token, claims, jwtTokens.index(token));
            }
        };
    }

    /**
     * Asks the store. What was verified before costs one turn to Redis and no cryptography.
     *
     * @return {@link Authentication.Verified} or {@link Authentication.Refused}; an outage of the store is an error, {@link
     *         dev.postern.store.StoreUnavailableException}
     */
    public Mono<Authentication> authenticate(Authentication.NeedsStore question) {
        return ask(question.lookup(), question.patience())
                .onErrorResume(RefusedTokenException.class, refused -> Mono.just(refused(refused)))
                .onErrorResume(CryptoWorkers.BusyException.class, _ -> refused(DenyReason.VERIFICATION_BUSY))
                .onErrorResume(IssuerUnavailableException.class, _ -> refused(DenyReason.ISSUER_UNAVAILABLE))
                .onErrorResume(UnreadableRecordException.class, corrupt -> {
                    unreadable.report(corrupt);
                    return refused(DenyReason.RECORD_UNREADABLE);
                });
    }

    private Mono<Authentication> ask(Lookup lookup, Patience patience) {
        if (lookup instanceof Lookup.Repeated(var digest, var presented, var known)) {
            return records.read(known.refs(), patience).flatMap(present -> {
                if (known.holds(present, clock.millis())) {
                    return Mono.just(known.answer());
                }
                remembered.forget(digest);
                return verify(lookup(digest, presented, known.isForOneUse()), patience, ATTEMPTS);
            });
        }
        return verify(lookup, patience, ATTEMPTS);
    }

    /** A token may wait for its turn to be verified while the records change that were read before. */
    private Mono<Authentication> verify(Lookup lookup, Patience patience, int attempts) {
        return Mono.defer(() -> {
            Facts facts = new Facts(records, patience);
            return verify(lookup, facts).flatMap(verification -> {
                VerifiedCredentials.Remembered known = remembered.remember(lookup.digest(), facts, verification,
                        clock.instant());
                return isAsRead(lookup, known, patience).flatMap(same -> {
                    if (same) {
                        return Mono.<Authentication>just(known.answer());
                    }
                    return attempts > 1
                            ? verify(lookup.again(), patience, attempts - 1)
                            : Mono.error(new StoreUnavailableException(
                                    "A credential changes faster than it can be verified"));
                });
            });
        });
    }

    private Mono<Boolean> isAsRead(Lookup lookup, VerifiedCredentials.Remembered known, Patience patience) {
        return switch (lookup) {
            case Lookup.Encrypted _,Lookup.Signed _ -> {
                Boolean now = known.isAsReadNow(records, patience);
                yield now == null ? records.read(known.refs(), patience).map(known::isAsRead) : Mono.just(now);
            }
            // Nothing of these is read before they wait.
            case Lookup.Opaque _,Lookup.Issued _,Lookup.Repeated _ -> Mono.just(true);
        };
    }

    private Mono<Verification> verify(Lookup lookup, Facts facts) {
        return switch (lookup) {
            case Lookup.Opaque(var _, var presented) -> opaque.verify(presented.secret(), facts);
            case Lookup.Encrypted(var digest, var token, var index, var used) -> rsaTokens.verify(token, index, facts,
                    used ? Optional.empty() : Optional.of(until -> remembered.usedUp(digest, until)));
            case Lookup.Signed(var _, var token, var claims, var index) ->
                jwtTokens.verify(token, claims, index, facts);
            case Lookup.Issued(var _, var token, var claims, var issuer) -> issuer.verify(token, claims, facts);
            case Lookup.Repeated _ -> Mono.error(new IllegalStateException("what is remembered is not verified"));
        };
    }

    private static Authentication refused(RefusedTokenException refused) {
        return new Authentication.Refused(new AccessDecision.Denied(refused.reason(), refused.detail()));
    }

    private static Mono<Authentication> refused(DenyReason reason) {
        return Mono.just(new Authentication.Refused(new AccessDecision.Denied(reason)));
    }

    /** @throws RefusedTokenException if the operator has switched it off */
    static void requireEnabled(Credential.Managed credential) {
        if (!credential.enabled()) {
            throw new RefusedTokenException(DenyReason.CREDENTIAL_DISABLED, DenyReason.CREDENTIAL_DISABLED.text());
        }
    }

    /** Both of the above, for what has to be known as it is now. */
    public Mono<Authentication> authenticate(Presentation presentation) {
        Authentication now = authenticateNow(presentation, Patience.NONE);
        return now instanceof Authentication.NeedsStore question ? authenticate(question) : Mono.just(now);
    }

    /** How many verified credentials are remembered. */
    public long remembered() {
        return remembered.size();
    }

    /** How often a credential was found among those remembered. */
    public long rememberedHits() {
        return remembered.hits();
    }

    /** How often it was not. */
    public long rememberedMisses() {
        return remembered.misses();
    }
}
