package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.credential.ApiKey;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.Permission;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The API keys of an account as the operator manages them, by their IDs. {@link ApiKeys} is the same for their owner,
 * who names a key by the key itself. Fails with {@link ChangeRefusedException} if a change is not possible.
 */
public final class ManagedApiKeys implements NamedCredentials<ManagedApiKeys.Listed> {
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final ManagedCredentials<ApiKey> keys;
    private final SecretRotation<ApiKey> rotation;
    private final Clock clock;

    /** @param maxPerAccount the maximum number of keys of an account */
    public ManagedApiKeys(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, int maxPerAccount) {
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.keys = new ManagedCredentials<>(ListKind.API_KEYS, lists,
                new Listing<>(redis, credentials, lists.stored(), clock, ListKind.API_KEYS, ApiKey.class,
                        maxPerAccount),
                new CredentialRemoval(redis, secrets, clock), Optional.empty(), maxPerAccount);
        this.rotation = new SecretRotation<>(keys, credentials, clock, KeyGenerator::next,
                (secret, index) -> Optional.of(secrets.seal(secret, ApiKeys.sealContext(index))));
    }

    /** A key without its secret. */
    public record Listed(String id, ApiKey key) {
        static Listed of(Listing.Entry<ApiKey> entry) {
            return new Listed(entry.id(), entry.credential());
        }
    }

    /** A key with its secret. */
    public record Shown(Listed listed, PresentedCredential secret) {}

    public Mono<Shown> create(AccountId account, String title, List<Permission> permissions, Limits limits) {
        return Mono.fromSupplier(KeyGenerator::next).subscribeOn(Schedulers.boundedElastic()).flatMap(secret -> {
            String index = credentials.index(secret);
            ApiKey key = new ApiKey(account, title, Instant.ofEpochMilli(clock.millis()), true, permissions,
                    secrets.seal(secret, ApiKeys.sealContext(index)), limits);
            return keys.add(index, key).map(entry -> new Shown(Listed.of(entry), new PresentedCredential(secret)));
        });
    }

    @Override
    public Mono<Page<Listed>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        return keys.list(account, filter, page).map(found -> found.map(Listed::of));
    }

    @Override
    public Mono<Listed> require(AccountId account, String id) {
        return keys.require(account, id).map(Listed::of);
    }

    /** Reads a key with its secret; the new one if it was rotated. */
    public Mono<Shown> show(AccountId account, String id) {
        return keys.require(account, id).map(entry -> new Shown(Listed.of(entry), new PresentedCredential(
                secrets.open(entry.credential().sealedKey(),
                        ApiKeys.sealContext(entry.credential().secrets(entry.index()).secret())))));
    }

    /** Replaces the title, the permissions, the enabled state and the limits of a key. */
    public Mono<Listed> replace(AccountId account, String id, String title, boolean enabled,
            List<Permission> permissions, UnaryOperator<Limits> limits) {
        return keys.change(account, id, key -> key.with(title, enabled, permissions, limits.apply(key.limits())))
                .map(Listed::of);
    }

    /** Generates a new key. The current one stays valid for a while. */
    public Mono<Shown> rotate(AccountId account, String id, Duration overlap) {
        return rotation.rotate(account, id, overlap)
                .map(rotated -> new Shown(Listed.of(rotated.entry()), rotated.secret()));
    }

    /** Ends the time in which two keys are valid. */
    public Mono<Listed> endRotation(AccountId account, String id, Revoked revoked) {
        return rotation.end(account, id, revoked).map(Listed::of);
    }

    @Override
    public Mono<Void> delete(AccountId account, String id) {
        return keys.delete(account, id);
    }
}
