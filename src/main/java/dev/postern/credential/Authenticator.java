package dev.postern.credential;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.access.Principal;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Turns what a caller presents into a principal. */
public final class Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);

    private final CredentialRecords credentials;

    public Authenticator(RedisStore redis, SecretKeys secrets) {
        this.credentials = new CredentialRecords(redis, secrets);
    }

    /**
     * Answers as far as memory goes, without waiting for anything. What is remembered of the store belongs here; callers
     * ask here first, and the store only when told to.
     */
    public Authentication authenticateNow(Presentation presentation) {
        return switch (presentation) {
            case Presentation.Refused(var denied) -> new Authentication.Refused(denied);
            case Presentation.Presented(var presented) -> new Authentication.NeedsStore(presented);
        };
    }

    /**
     * Asks the store, in one round trip.
     *
     * @return {@link Authentication.Verified} or {@link Authentication.Refused}; an outage of the store is an error, {@link
     *         dev.postern.store.StoreUnavailableException}
     */
    public Mono<Authentication> authenticate(Authentication.NeedsStore question) {
        String index = credentials.index(question.presented().secret());
        return credentials.find(index)
                .<Authentication>map(credential -> new Authentication.Verified(new Principal(credential.account(),
                        CredentialRecords.idOf(index), credential.permissions()), credential))
                .defaultIfEmpty(new Authentication.Refused(new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN)))
                .onErrorResume(UnreadableRecordException.class, corrupt -> {
                    LOG.error("{}", corrupt.getMessage());
                    return Mono.just(new Authentication.Refused(
                            new AccessDecision.Denied(DenyReason.RECORD_UNREADABLE)));
                });
    }

    /** Both of the above. */
    public Mono<Authentication> authenticate(Presentation presentation) {
        Authentication now = authenticateNow(presentation);
        return now instanceof Authentication.NeedsStore question ? authenticate(question) : Mono.just(now);
    }
}
