package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import reactor.core.publisher.Mono;

/** Tells which token has a name, before somebody tries to use the name for another one. */
public final class TokenNameLookup {
    private final TokenNames names;

    public TokenNameLookup(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.names = new TokenNames(redis, secrets, new CredentialRecords(redis, secrets), clock);
    }

    /**
     * The token that has a name.
     *
     * @param kind its kind, as in its record
     */
    public record Found(AccountId account, String kind, String id) {}

    /** Finds the token with this name, in whichever account; empty if there is none. */
    public Mono<Found> find(String name) {
        return names.holder(name);
    }
}
