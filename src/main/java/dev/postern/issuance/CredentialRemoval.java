package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.CredentialUse;
import dev.postern.credential.Rotatable;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Deletes a credential of any kind with everything that belongs to it: its record first, then the rest. */
final class CredentialRemoval {
    private static final Script END_APPLICATION = StoredBytes.script("/dev/postern/issuance/end-application.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final TokenNames names;
    private final CredentialUse use;

    CredentialRemoval(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.names = new TokenNames(redis, secrets, credentials, clock);
        this.use = new CredentialUse(redis, clock);
    }

    /** Deletes a credential; false if there was none. The caller removes its list entry if that still exists. */
    Mono<Boolean> remove(ListKind kind, AccountId account, String index) {
        return credentials.find(index).ofType(Credential.Managed.class)
                .filter(credential -> credential.account().equals(account))
                // A record that cannot be read is deleted too.
                .onErrorComplete(UnreadableRecordException.class)
                .map(Optional::of).defaultIfEmpty(Optional.empty())
                .flatMap(found -> removeAliases(index, found).then(removeRecord(kind, account, index))
                        .flatMap(deleted -> use.forget(account, CredentialRecords.idOf(index).value(),
                                found.flatMap(Credential.Managed::oldSecret)).thenReturn(deleted)));
    }

    /** The aliases of its later secrets go first, because only its record names them. */
    private Mono<Void> removeAliases(String index, Optional<Credential.Managed> credential) {
        return credential.isPresent() && credential.get() instanceof Rotatable<?> rotatable
                ? Flux.fromStream(SecretRotation.aliases(index, rotatable)).concatMap(credentials::delete).then()
                : Mono.empty();
    }

    private Mono<Boolean> removeRecord(ListKind kind, AccountId account, String index) {
        return switch (kind) {
            case API_KEYS -> credentials.delete(index);
            case STATIC_TOKENS, RSA_TOKENS, JWT_TOKENS -> removeNamed(account, index);
            // Its tokens are invalid without it, and their records expire.
            case APPLICATIONS -> credentials.delete(index).flatMap(deleted -> END_APPLICATION
                    .number(redis, ApplicationKeys.all(account, index), index).thenReturn(deleted));
        };
    }

    /** Deletes a credential if it is unchanged since it was read; false if it was changed or deleted. */
    Mono<Boolean> removeUnchanged(ListKind kind, AccountId account, String index, Credential.Managed present) {
        Mono<Boolean> deletion = credentials.delete(index, present);
        Mono<Boolean> removal = switch (kind) {
            case API_KEYS -> deletion;
            case STATIC_TOKENS, RSA_TOKENS, JWT_TOKENS -> removeNamed(present, index, deletion);
            case APPLICATIONS -> deletion.flatMap(deleted -> deleted
                    ? END_APPLICATION.number(redis, ApplicationKeys.all(account, index), index).thenReturn(true)
                    : Mono.just(false));
        };
        return removal.flatMap(deleted -> deleted
                ? removeAliases(index, Optional.of(present))
                        .then(use.forget(account, CredentialRecords.idOf(index).value(), present.oldSecret()))
                        .thenReturn(true)
                : Mono.just(false));
    }

    /** An interrupted call may have listed a chosen token that belongs to another account. That one is not deleted. */
    private Mono<Boolean> removeNamed(AccountId account, String index) {
        return credentials.find(index).map(Optional::of).defaultIfEmpty(Optional.empty())
                .flatMap(found -> {
                    if (found.filter(credential -> !credential.account().equals(account)).isPresent()) {
                        return Mono.just(false);
                    }
                    return found.filter(Credential.Managed.class::isInstance).map(Credential.Managed.class::cast)
                            .map(token -> removeNamed(token, index, credentials.delete(index)))
                            .orElseGet(() -> credentials.delete(index));
                })
                // A record that cannot be read is deleted too. Its name becomes free when somebody asks for it.
                .onErrorResume(UnreadableRecordException.class, _ -> credentials.delete(index));
    }

    private Mono<Boolean> removeNamed(Credential.Managed token, String index, Mono<Boolean> deletion) {
        return names.find(token, index).flatMap(held -> deletion
                // Release the name only if this call deleted the record. Otherwise the name may belong to a token that
                // was created since.
                .flatMap(deleted -> held.filter(_ -> deleted).map(names::release).orElseGet(Mono::empty)
                        .thenReturn(deleted)));
    }
}
