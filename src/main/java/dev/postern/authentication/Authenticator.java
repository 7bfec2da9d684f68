package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.TokenSettings;
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
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Verifies the credential that a caller presents and returns its principal. It looks in memory first, without blocking,
 * and asks the store only if memory has no answer.
 */
public final class Authenticator {
    /** The maximum number of attempts when records change during verification. */
    private static final int ATTEMPTS = 4;

    private final RecordSource records;
    private final UnreadableRecords unreadable;
    private final Clock clock;
    private final VerifiedCredentials remembered;
    private final Verifiers verifiers;

    /** @param redis marks one-time tokens as used; everything else is read from {@code records} */
    public Authenticator(RecordSource records, RedisStore redis, SecretKeys secrets, TokenSettings settings,
            Issuers issuers, CryptoWorkers workers, Clock clock, VerificationTimes taken) {
        TokenTimes times = new TokenTimes(settings.clockSkew(), settings.maxLifetime());
        OpenKeys keys = new OpenKeys(secrets, settings.maxOpenKeys());
        this.records = records;
        this.unreadable = redis.unreadable();
        this.clock = clock;
        this.remembered = new VerifiedCredentials(settings.rememberFor(), settings.rememberSize().toBytes());
        this.verifiers = new Verifiers(new OpaqueVerifier(new CredentialRecords(redis, secrets), clock),
                new RsaTokenVerifier(redis, secrets, keys, workers, times, clock),
                new JwtTokenVerifier(secrets, keys, workers, times, settings.audience(), clock), issuers, remembered,
                taken);
    }

    /**
     * Authenticates from memory, without waiting. Always call this first. Accepts a credential that was verified
     * before and is unchanged. Refuses one that no record could make valid, or that is known to have no record.
     * Otherwise returns a lookup for {@link #authenticate}.
     *
     * @param patience how long cached records may be used while the store is unavailable
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
     * Authenticates the same call again after a delay, for example after its body arrived. For a one-time token this is
     * not a second use.
     *
     * @param presentation what the call presented
     * @param before       its earlier verification
     */
    public Authentication authenticateAgainNow(Presentation presentation, Authentication.Verified before,
            Patience patience) {
        VerifiedCredentials.Remembered known = switch (before.basis()) {
            case VerifiedCredentials.Remembered basis -> basis;
        };
        if (Boolean.TRUE.equals(known.isValidNow(records, patience, clock.millis()))) {
            return before;
        }
        return known.isForOneUse() && presentation instanceof Presentation.Presented(var presented)
                // Any other lookup would reject the token as already used.
                ? new Authentication.NeedsStore(new Lookup.Repeated(TokenDigest.of(presented), presented, known),
                        patience)
                : authenticateNow(presentation, patience);
    }

    private Authentication authenticateNow(PresentedCredential presented, Patience patience) {
        TokenDigest digest = TokenDigest.of(presented);
        VerifiedCredentials.Remembered known = remembered.find(digest);
        if (known == null) {
            return firstTime(digest, presented, patience);
        }
        Boolean valid = known.isValidNow(records, patience, clock.millis());
        if (valid == null) {
            return new Authentication.NeedsStore(new Lookup.Repeated(digest, presented, known), patience);
        }
        if (valid) {
            return known.answer();
        }
        remembered.forget(digest);
        return firstTime(digest, presented, patience);
    }

    private Authentication firstTime(TokenDigest digest, PresentedCredential presented, Patience patience) {
        Lookup lookup = verifiers.lookup(digest, presented, false);
        // Made-up credentials come in floods, so one that is known not to exist is refused at once.
        return lookup instanceof Lookup.Opaque opaque && OpaqueVerifier.isUnknownNow(opaque.index(), records, patience)
                ? refused(OpaqueVerifier.unknown())
                : new Authentication.NeedsStore(lookup, patience);
    }

    /**
     * Asks the store. One round trip and no cryptography if the credential was verified before and is unchanged.
     *
     * @return {@link Authentication.Verified} or {@link Authentication.Refused}; {@link StoreUnavailableException} if
     *         the store is unavailable and the cache has no recent records, or the credential changes at each attempt
     */
    public Mono<Authentication> authenticate(Authentication.NeedsStore question) {
        return answered(ask(question.lookup(), question.patience()));
    }

    /** Turns errors of a verification into refusals, but not a {@code StoreUnavailableException}. */
    private Mono<Authentication> answered(Mono<Authentication> verification) {
        return verification
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
                if (known.isValid(present, clock.millis())) {
                    return Mono.just(known.answer());
                }
                remembered.forget(digest);
                return verify(verifiers.lookup(digest, presented, known.isForOneUse()), patience, ATTEMPTS);
            });
        }
        return verify(lookup, patience, ATTEMPTS);
    }

    /** Verifies the credential, and again if its records changed while the verification waited for a worker. */
    private Mono<Authentication> verify(Lookup lookup, Patience patience, int attempts) {
        return Mono.defer(() -> {
            VerificationRecords read = new VerificationRecords(records, patience);
            return verifiers.verify(lookup, read).flatMap(verification -> {
                VerifiedCredentials.Remembered known = remembered.remember(lookup.digest(), read, verification,
                        clock.instant());
                return isAsRead(lookup, known, patience).flatMap(same -> {
                    if (same) {
                        return Mono.<Authentication>just(known.answer());
                    }
                    return attempts > 1
                            ? verify(lookup.again(), patience, attempts - 1)
                            : Mono.error(new StoreUnavailableException(
                                    "The credential changes faster than it can be verified"));
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
            // These verifiers do not wait for a worker after reading records, so no second look is needed.
            case Lookup.Opaque _,Lookup.Issued _,Lookup.Repeated _ -> Mono.just(true);
        };
    }

    private static Authentication refused(RefusedTokenException refused) {
        return new Authentication.Refused(new AccessDecision.Denied(refused.reason(), refused.detail()));
    }

    private static Mono<Authentication> refused(DenyReason reason) {
        return Mono.just(new Authentication.Refused(new AccessDecision.Denied(reason)));
    }

    /** @throws RefusedTokenException if the credential is disabled or has expired */
    static void requireUsable(Credential.Managed credential, Instant now) {
        if (!credential.enabled()) {
            throw new RefusedTokenException(DenyReason.CREDENTIAL_DISABLED, DenyReason.CREDENTIAL_DISABLED.text());
        }
        if (credential.limits().isExpired(now)) {
            throw new RefusedTokenException(DenyReason.CREDENTIAL_EXPIRED,
                    "The credential expired at " + credential.limits().end() + ".");
        }
    }

    /** Authenticates with the current records: asks the store unless no record is needed. */
    public Mono<Authentication> authenticate(Presentation presentation) {
        Authentication now = authenticateNow(presentation, Patience.NONE);
        return now instanceof Authentication.NeedsStore question ? authenticate(question) : Mono.just(now);
    }

    /**
     * Authenticates a hypothetical call, with the records that a real call would see. It remembers nothing, and uses up
     * no one-time token. It need not use remembered verifications: verifying again gives the same result.
     */
    Mono<Authentication> rehearse(PresentedCredential presented, VerificationRecords read) {
        return answered(Mono.defer(
                () -> verifiers.rehearse(verifiers.lookup(TokenDigest.of(presented), presented, false), read)
                        .map(verification -> forgotten(read, verification))));
    }

    /** Like {@link #rehearse}, but the secret is unknown: {@code index} is its keyed hash, as in Redis. */
    Mono<Authentication> assume(String index, Optional<String> user, VerificationRecords read) {
        return answered(Mono.defer(() -> verifiers.assume(index, user, read, clock.instant())
                .map(verification -> forgotten(read, verification))));
    }

    private static Authentication forgotten(VerificationRecords read, Verification verification) {
        return new VerifiedCredentials.Remembered(read.refs(), read.records(), verification, 0).answer();
    }

    RecordSource records() {
        return records;
    }

    /** The number of verified credentials in memory. */
    public long remembered() {
        return remembered.size();
    }

    /** How often a credential was found in memory. */
    public long rememberedHits() {
        return remembered.hits();
    }

    /** How often a credential was not found in memory. */
    public long rememberedMisses() {
        return remembered.misses();
    }
}
