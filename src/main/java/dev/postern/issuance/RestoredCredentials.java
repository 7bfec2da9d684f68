package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ChangeRefusedException.Why;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.JwtToken;
import dev.postern.credential.Rotatable;
import dev.postern.credential.RsaToken;
import dev.postern.credential.SecretAlias;
import dev.postern.credential.StaticToken;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads the credentials of one kind as they are stored, and restores them with the secrets that they had. Lists, names,
 * limits, sizes and the log of changes are kept as if the credentials were new. Fails with
 * {@link ChangeRefusedException} if a change is not possible.
 *
 * @param <C> the kind
 */
public final class RestoredCredentials<C extends Credential.Managed> {
    private final Class<C> type;
    private final CredentialRecords credentials;
    private final SealedSecrets sealed;
    private final Listing<C> listing;
    private final ManagedCredentials<C> managed;
    private final Optional<TokenNames> names;
    private final int max;

    /** What all kinds need. */
    public record Store(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock) {}

    private RestoredCredentials(Store store, ListKind kind, Class<C> type, Optional<BiFunction<C, String, C>> mark,
            int max) {
        this.type = type;
        this.credentials = new CredentialRecords(store.redis(), store.secrets());
        this.sealed = new SealedSecrets(store.secrets());
        this.listing = new Listing<>(store.redis(), credentials, store.lists().stored(), store.clock(), kind, type,
                max);
        Optional<ManagedCredentials.UniqueNames<C>> unique = mark.map(withMark -> new ManagedCredentials.UniqueNames<>(
                new TokenNames(store.redis(), store.secrets(), credentials, store.clock()), withMark));
        this.names = unique.map(ManagedCredentials.UniqueNames::names);
        this.managed = new ManagedCredentials<>(kind, store.lists(), listing,
                new CredentialRemoval(store.redis(), store.secrets(), store.clock()), unique, max);
        this.max = max;
    }

    /** @param max the maximum number in an account */
    public static RestoredCredentials<ApiKey> apiKeys(Store store, int max) {
        return new RestoredCredentials<>(store, ListKind.API_KEYS, ApiKey.class, Optional.empty(), max);
    }

    public static RestoredCredentials<StaticToken> staticTokens(Store store, int max) {
        return new RestoredCredentials<>(store, ListKind.STATIC_TOKENS, StaticToken.class,
                Optional.of(StaticToken::withNameMark), max);
    }

    public static RestoredCredentials<Application> applications(Store store, int max) {
        return new RestoredCredentials<>(store, ListKind.APPLICATIONS, Application.class, Optional.empty(), max);
    }

    public static RestoredCredentials<RsaToken> rsaTokens(Store store, int max) {
        return new RestoredCredentials<>(store, ListKind.RSA_TOKENS, RsaToken.class,
                Optional.of(RsaToken::withNameMark), max);
    }

    public static RestoredCredentials<JwtToken> jwtTokens(Store store, int max) {
        return new RestoredCredentials<>(store, ListKind.JWT_TOKENS, JwtToken.class,
                Optional.of(JwtToken::withNameMark), max);
    }

    /** A credential and the index under which it is stored. */
    public record Stored<C>(String index, C credential) {
        public String id() {
            return CredentialRecords.idOf(index).value();
        }
    }

    public Class<C> type() {
        return type;
    }

    /** Whether no two accounts can have credentials of this kind with the same name. */
    public boolean hasUniqueNames() {
        return names.isPresent();
    }

    /** The maximum number in an account. */
    public int max() {
        return max;
    }

    public Mono<Long> count(AccountId account) {
        return listing.count(account);
    }

    /** All credentials of an account in the order of their creation. */
    public Flux<Stored<C>> all(AccountId account) {
        return listing.loadAll(account).map(entry -> new Stored<>(entry.index(), entry.credential()));
    }

    /** The account's credential with this index; empty if there is none. */
    public Mono<Stored<C>> find(AccountId account, String index) {
        return listing.findByIndex(account, index).map(entry -> new Stored<>(entry.index(), entry.credential()));
    }

    /**
     * Checks the sealed secrets of a credential.
     *
     * @throws dev.postern.store.UnreadableRecordException if one of them cannot be opened here
     */
    public void requireOurs(Stored<C> wanted) {
        sealed.requireOurs(wanted.credential(), wanted.index());
    }

    /** Checks, without changing anything, that indexes and name are free. */
    public Mono<Void> requireFree(Stored<C> wanted) {
        return requireFree(wanted, Stream.concat(Stream.of(wanted.index()), aliases(wanted).stream()).toList())
                .then(requireFreeName(wanted));
    }

    /** Checks, without changing anything, that no other credential has the name. */
    public Mono<Void> requireFreeName(Stored<C> wanted) {
        return names.map(unique -> unique.requireFree(wanted.credential().name(), wanted.index()))
                .orElseGet(Mono::empty);
    }

    private Mono<Void> requireFree(Stored<C> wanted, List<String> indexes) {
        SecretAlias ours = new SecretAlias(wanted.credential().account(), wanted.index());
        return Flux.fromIterable(indexes).concatMap(credentials::find).any(found -> !found.equals(ours))
                .flatMap(taken -> taken
                        ? Mono.error(new ChangeRefusedException(Why.TAKEN, "This credential is already in use."))
                        : Mono.empty());
    }

    /** Adds a credential with the secrets that it had. */
    public Mono<Void> restore(Stored<C> wanted) {
        return requireFree(wanted, aliases(wanted)).then(managed.add(wanted.index(), wanted.credential()))
                .then(complete(wanted));
    }

    /** Writes the aliases of later secrets. An interrupted call may have added the credential without them. */
    public Mono<Void> complete(Stored<C> stored) {
        return Flux.fromIterable(aliases(stored))
                .concatMap(index -> credentials.find(index).hasElement().flatMap(there -> there
                        ? Mono.empty()
                        : credentials.create(index, new SecretAlias(stored.credential().account(), stored.index()))))
                .then();
    }

    /** The indexes of the later secrets of a credential, except that of a secret that is only announced. */
    private List<String> aliases(Stored<C> stored) {
        return stored.credential() instanceof Rotatable<?> rotatable
                ? SecretRotation.aliases(stored.index(), rotatable)
                        .filter(index -> rotatable.rotation().flatMap(rotation -> rotation.next())
                                .filter(index::equals).isEmpty())
                        .toList()
                : List.of();
    }

    /** @param change may be called more than once, each time with the credential as it is then */
    public Mono<Void> change(AccountId account, String index, UnaryOperator<C> change) {
        return managed.changeAt(account, index, change).then();
    }

    /** Revokes a credential. */
    public Mono<Void> delete(AccountId account, String id) {
        return managed.delete(account, id);
    }
}
