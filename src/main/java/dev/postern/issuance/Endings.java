package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import java.time.Clock;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** How a credential of each kind ends: its record first, then what belongs to it. */
final class Endings {
    private static final Script END_APPLICATION = StoredBytes.script("/dev/postern/issuance/end-application.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final TokenNames names;

    Endings(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.names = new TokenNames(redis, secrets, credentials, clock);
    }

    /** Ends a credential; its entry in the list is left to the caller, where it is there still. False when there was none. */
    Mono<Boolean> end(ListKind kind, AccountId account, String index) {
        return switch (kind) {
            case API_KEYS -> credentials.delete(index);
            case STATIC_TOKENS, RSA_TOKENS, JWT_TOKENS -> endNamed(account, index);
            // Its tokens count for nothing without it, and end by themselves.
            case APPLICATIONS -> credentials.delete(index).flatMap(deleted -> END_APPLICATION
                    .number(redis, ApplicationKeys.all(account, index), index).thenReturn(deleted));
        };
    }

    /** A call that was cut off may have listed a chosen text that another account has: that one is not ended. */
    private Mono<Boolean> endNamed(AccountId account, String index) {
        return credentials.find(index).map(Optional::of).defaultIfEmpty(Optional.empty())
                .flatMap(found -> {
                    if (found.filter(credential -> !credential.account().equals(account)).isPresent()) {
                        return Mono.just(false);
                    }
                    return found.filter(Credential.Managed.class::isInstance).map(Credential.Managed.class::cast)
                            .map(token -> endNamed(token, index)).orElseGet(() -> credentials.delete(index));
                })
                // What cannot be read any more ends too; its name is free again when somebody asks for it.
                .onErrorResume(UnreadableRecordException.class, _ -> credentials.delete(index));
    }

    private Mono<Boolean> endNamed(Credential.Managed token, String index) {
        return names.find(token.name(), index).flatMap(held -> credentials.delete(index)
                // Who ends what another has ended already might take the name of what was made anew.
                .flatMap(deleted -> held.filter(_ -> deleted).map(names::release).orElseGet(Mono::empty)
                        .thenReturn(deleted)));
    }
}
