package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The accounts and their master keys. An account's own data lives in one slot of a cluster and its credentials in others,
 * so that no change here is one transaction. The order of the steps makes up for it: whatever step a crash follows, no
 * key works that should not, and the call can be repeated.
 */
public final class Accounts {
    private static final int ATTEMPTS = 5;
    private static final int DELETE_BATCH = 100;
    private static final String REMOVE_ACCOUNT = Scripts.read("/dev/postern/credential/remove-account.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final Clock clock;

    public Accounts(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
    }

    /** Makes an account with a master key; empty when the id is taken. */
    public Mono<Account.Issued> create(AccountId id, String name) {
        return newKey().flatMap(key -> {
            String index = credentials.index(key.secret());
            Account account = new Account(id, name, Instant.ofEpochMilli(clock.millis()));
            AccountRecord record = new AccountRecord(account, index, false);
            // Listed first: an account that exists is never missing from the list.
            return redis.run(commands -> commands.zadd(AccountRecord.ALL, 0, id.value()))
                    .then(credentials.create(index, new MasterKey(id)))
                    .then(redis.run(commands -> commands.set(AccountRecord.key(id), record.encode(),
                            SetArgs.Builder.nx())))
                    .map(_ -> new Account.Issued(account, key))
                    .switchIfEmpty(credentials.delete(index).then(Mono.empty()));
        });
    }

    /** Empty when there is none. */
    public Mono<Account> find(AccountId id) {
        return findRecord(id).map(AccountRecord::account);
    }

    /** Accounts in the order of their ids. */
    public Mono<Page<Account>> list(Page.Request page) {
        return redis.run(commands -> commands.zcard(AccountRecord.ALL))
                .flatMap(total -> redis.run(commands -> commands.zrange(AccountRecord.ALL, page.first(), page.last()))
                        .flatMap(this::load)
                        .map(accounts -> new Page<>(total, accounts)));
    }

    private Mono<List<Account>> load(List<String> ids) {
        if (ids.isEmpty()) {
            return Mono.just(List.of());
        }
        String[] keys = ids.stream().map(id -> AccountRecord.key(new AccountId(id))).toArray(String[]::new);
        return redis.run(commands -> commands.mget(keys)).map(records -> records.stream().filter(KeyValue::hasValue)
                .map(record -> AccountRecord.decode(record.getKey(), record.getValue()).account()).toList());
    }

    /** Ends the present master key and makes another; empty when there is no such account. */
    public Mono<Account.Issued> replaceMasterKey(AccountId id) {
        return replaceMasterKey(id, ATTEMPTS);
    }

    private Mono<Account.Issued> replaceMasterKey(AccountId id, int attempts) {
        return findRecord(id).filter(record -> !record.deleting()).flatMap(record -> newKey().flatMap(key -> {
            String index = credentials.index(key.secret());
            // The old key ends before the new one counts: a crash in between leaves an account without a master key,
            // never one with two.
            return credentials.delete(record.masterIndex())
                    .then(credentials.create(index, new MasterKey(id)))
                    .then(Scripts.compareAndSet(redis, AccountRecord.key(id), record.encode(),
                            record.withMasterIndex(index).encode()))
                    .flatMap(done -> done
                            ? Mono.just(new Account.Issued(record.account(), key))
                            : credentials.delete(index)
                                    .then(again(attempts, () -> replaceMasterKey(id, attempts - 1))));
        }));
    }

    /** Ends the account and every key of it; false when there is no such account. May be repeated after a failure. */
    public Mono<Boolean> delete(AccountId id) {
        return delete(id, ATTEMPTS);
    }

    private Mono<Boolean> delete(AccountId id, int attempts) {
        return findRecord(id).flatMap(record -> {
            AccountRecord doomed = record.beingDeleted();
            // From here on the account takes no new key, so that none is missed below.
            return Scripts.compareAndSet(redis, AccountRecord.key(id), record.encode(), doomed.encode())
                    .flatMap(done -> done
                            ? credentials.delete(doomed.masterIndex()).then(deleteApiKeys(id))
                                    .then(Scripts.run(redis, REMOVE_ACCOUNT,
                                            new String[]{AccountRecord.key(id), AccountRecord.apiKeysKey(id)}))
                                    .then(redis.run(commands -> commands.zrem(AccountRecord.ALL, id.value())))
                                    .thenReturn(true)
                            : again(attempts, () -> delete(id, attempts - 1)));
        }).defaultIfEmpty(false);
    }

    private Mono<Void> deleteApiKeys(AccountId id) {
        String key = AccountRecord.apiKeysKey(id);
        return redis.run(commands -> commands.zrange(key, 0, DELETE_BATCH - 1))
                .expand(batch -> batch.isEmpty()
                        ? Mono.empty()
                        : Flux.fromIterable(batch).concatMap(credentials::delete)
                                .then(redis.run(commands -> commands.zrem(key, batch.toArray(String[]::new))))
                                .then(redis.run(commands -> commands.zrange(key, 0, DELETE_BATCH - 1))))
                .then();
    }

    private Mono<AccountRecord> findRecord(AccountId id) {
        String key = AccountRecord.key(id);
        return redis.run(commands -> commands.get(key)).map(record -> AccountRecord.decode(key, record));
    }

    /** Whether the account takes new keys. */
    Mono<Boolean> isOpen(AccountId id) {
        return findRecord(id).map(record -> !record.deleting()).defaultIfEmpty(false);
    }

    private static Mono<PresentedCredential> newKey() {
        return Mono.fromSupplier(() -> new PresentedCredential(KeyGenerator.next()))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static <T> Mono<T> again(int attempts, Supplier<Mono<T>> retry) {
        return attempts > 1 ? Mono.defer(retry) : Mono.error(new ConcurrentChangeException());
    }

    /** Too many others changed the same account at the same time. */
    public static final class ConcurrentChangeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ConcurrentChangeException() {
            super("The record is being changed by others. Try again.", null, false, false);
        }
    }

}
