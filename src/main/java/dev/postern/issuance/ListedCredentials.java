package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds credentials of an account by their IDs, whatever their kind. */
public final class ListedCredentials {
    private final RedisStore redis;

    public ListedCredentials(RedisStore redis) {
        this.redis = redis;
    }

    /** The index of the account's credential with this ID, which may also be its master key; empty if it has none. */
    public Mono<String> index(AccountId account, String id) {
        return Flux.fromArray(ListKind.values())
                .concatMap(kind -> new ListedIndexes(redis, kind).of(account).map(entry -> entry.getValue()))
                .filter(index -> isOf(index, id)).next().switchIfEmpty(Mono.defer(() -> masterKey(account, id)));
    }

    private Mono<String> masterKey(AccountId account, String id) {
        String key = AccountRecord.key(account);
        return redis.run(commands -> commands.get(key)).map(text -> AccountRecord.decode(key, text).masterIndex())
                .filter(index -> isOf(index, id));
    }

    private static boolean isOf(String index, String id) {
        return CredentialRecords.idOf(index).value().equals(id);
    }
}
