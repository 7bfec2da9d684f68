package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ChangeRefusedException.Why;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import dev.postern.store.SortedSetPages;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.SetArgs;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads accounts as they are stored, and restores them with the master keys that they had. */
public final class RestoredAccounts {
    private static final int PAGE = 200;

    private final RedisStore redis;
    private final CredentialRecords credentials;

    public RestoredAccounts(RedisStore redis, SecretKeys secrets) {
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
    }

    /** All accounts, ordered by ID. */
    public Flux<AccountRecord> all() {
        return SortedSetPages.read(redis, AccountRecord.ALL, PAGE).concatMap(page -> redis
                .run(commands -> commands.mget(page.stream().map(ScoredValue::getValue).map(AccountId::new)
                        .map(AccountRecord::key).toArray(String[]::new))),
                1)
                .concatMapIterable(records -> records.stream().filter(KeyValue::hasValue)
                        .map(record -> AccountRecord.decode(record.getKey(), record.getValue())).toList());
    }

    public Mono<AccountRecord> find(AccountId id) {
        String key = AccountRecord.key(id);
        return redis.run(commands -> commands.get(key)).map(record -> AccountRecord.decode(key, record));
    }

    /** Whether a master key with this index belongs to no other account. */
    public Mono<Boolean> isFree(AccountId id, String masterIndex) {
        return credentials.find(masterIndex).map(new MasterKey(id)::equals).defaultIfEmpty(true);
    }

    /**
     * Creates an account with the master key that it had. Like a new account, it is listed both before and after its
     * record is written. Can be repeated after an interruption. Fails with {@link ChangeRefusedException} if the ID or
     * the key is taken.
     */
    public Mono<Void> restore(AccountRecord record) {
        AccountId id = record.account().id();
        String key = AccountRecord.key(id);
        return isFree(id, record.masterIndex()).flatMap(free -> free
                ? list(id).then(credentials.create(record.masterIndex(), new MasterKey(id)))
                        .flatMap(created -> redis.changes()
                                .changing(redis.run(commands -> commands.set(key, record.encode(),
                                        SetArgs.Builder.nx())), key)
                                .flatMap(_ -> list(id).then())
                                .switchIfEmpty(Mono.defer(() -> overtaken(record, created))))
                : Mono.error(new ChangeRefusedException(Why.TAKEN, "Another account has this master key.")))
                .then();
    }

    /** Another call created the account at the same time. */
    private Mono<Void> overtaken(AccountRecord record, boolean created) {
        return find(record.account().id()).filter(present -> present.masterIndex().equals(record.masterIndex()))
                .hasElement().flatMap(same -> same
                        ? Mono.empty()
                        : (created ? credentials.delete(record.masterIndex()).then() : Mono.<Void>empty())
                                .then(Mono.error(new ChangeRefusedException(Why.TAKEN,
                                        "The account already exists."))));
    }

    private Mono<Long> list(AccountId id) {
        return redis.run(commands -> commands.zadd(AccountRecord.ALL, 0, id.value()));
    }

    /** Changes the name of an account. Fails if the account was changed since it was read. */
    public Mono<Void> rename(AccountRecord present, AccountRecord changed) {
        String key = AccountRecord.key(present.account().id());
        return redis.changes().changing(Scripts.compareAndSet(redis, key, present.encode(), changed.encode()), key)
                .flatMap(done -> done ? Mono.empty() : Mono.error(new ConcurrentChangeException()));
    }
}
