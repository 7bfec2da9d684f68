package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.Account;
import dev.postern.account.AccountPart;
import dev.postern.account.AccountRecord;
import dev.postern.account.CallRevision;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.account.Revision;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Creates and deletes accounts, and replaces their master keys. An account's own data is in one slot of a cluster and
 * its credentials are in others, so no change here is a single transaction. The order of the steps makes up for it: a
 * crash after any step never leaves a revoked key valid, and the call can be repeated.
 */
public final class Accounts {
    private static final int ATTEMPTS = 5;
    private static final int DELETE_BATCH = 100;
    private static final String LISTED_IF_MARKED = Scripts.read("/dev/postern/issuance/listed-if-marked.lua");
    private static final String REMOVE_ACCOUNT = Scripts.read("/dev/postern/issuance/remove-account.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final CredentialRemoval removal;
    private final Clock clock;
    private final List<AccountPart> parts;

    /** @param parts the account's other data, also deleted when the account is */
    public Accounts(RedisStore redis, SecretKeys secrets, Clock clock, List<? extends AccountPart> parts) {
        this.parts = List.copyOf(parts);
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.removal = new CredentialRemoval(redis, secrets, clock);
        this.clock = clock;
    }

    /** An account with a newly generated master key. The key cannot be shown again. */
    public record AccountWithKey(Account account, PresentedCredential masterKey) {}

    /** Creates an account with a master key; empty if the ID is taken. */
    public Mono<AccountWithKey> create(AccountId id, String name) {
        return newKey().flatMap(key -> {
            String index = credentials.index(key.secret());
            Account account = new Account(id, name, Instant.ofEpochMilli(clock.millis()));
            AccountRecord record = new AccountRecord(account, index, false);
            // The account is listed before its record is written, because the gate may crash between the two. It is
            // listed again afterwards, because a concurrent deletion of the same ID may have taken it off the list.
            return list(id).then(credentials.create(index, new MasterKey(id)))
                    .then(redis.changes().changing(redis.run(commands -> commands.set(AccountRecord.key(id),
                            record.encode(), SetArgs.Builder.nx())), AccountRecord.key(id)))
                    .flatMap(_ -> list(id).then(CallRevision.note(revision(record)))
                            .thenReturn(new AccountWithKey(account, key)))
                    .switchIfEmpty(credentials.delete(index).then(Mono.empty()));
        });
    }

    private Mono<Long> list(AccountId id) {
        return redis.run(commands -> commands.zadd(AccountRecord.ALL, 0, id.value()));
    }

    /** Finds an account; empty if there is none. */
    public Mono<Account> find(AccountId id) {
        return findRecord(id).map(AccountRecord::account);
    }

    /** The same, and notes the account's revision in the {@link CallRevision} of the current call. */
    public Mono<Account> show(AccountId id) {
        return findRecord(id)
                .flatMap(record -> CallRevision.note(revision(record)).thenReturn(record.account()));
    }

    /**
     * The revision of an account. It does not depend on whether the account is being deleted, so an interrupted
     * deletion can be repeated.
     */
    private static Revision revision(AccountRecord record) {
        Account account = record.account();
        return Revision.of(account.id().value(), account.name(), Long.toString(account.created().toEpochMilli()),
                record.masterIndex());
    }

    /** Lists accounts, ordered by ID. */
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

    /**
     * Revokes the current master key and generates a new one; empty if the account does not exist or is being deleted.
     */
    public Mono<AccountWithKey> replaceMasterKey(AccountId id) {
        return replaceMasterKey(id, ATTEMPTS);
    }

    private Mono<AccountWithKey> replaceMasterKey(AccountId id, int attempts) {
        return findRecord(id).filter(record -> !record.deleting()).flatMap(record -> CallRevision
                .require(revision(record)).then(newKey()).flatMap(key -> {
                    String index = credentials.index(key.secret());
                    AccountRecord changed = record.withMasterIndex(index);
                    // The old key is deleted before the new one is valid: a crash in between leaves an account
                    // without a master key, never with two.
                    return credentials.delete(record.masterIndex())
                            .then(credentials.create(index, new MasterKey(id)))
                            .then(change(record, changed))
                            .flatMap(done -> done
                                    ? CallRevision.note(revision(changed))
                                            .thenReturn(new AccountWithKey(record.account(), key))
                                    : credentials.delete(index)
                                            .then(retry(attempts, () -> replaceMasterKey(id, attempts - 1))));
                }));
    }

    /**
     * Deletes the account with all its credentials and data; false if the account does not exist. Can be repeated after
     * a failure. If the account is recreated meanwhile, the new one is deleted too; a call that expects a revision
     * ({@link CallRevision}) fails instead.
     */
    public Mono<Boolean> delete(AccountId id) {
        return delete(id, ATTEMPTS);
    }

    private Mono<Boolean> delete(AccountId id, int attempts) {
        return findRecord(id).flatMap(record -> CallRevision.require(revision(record)).thenReturn(record))
                .flatMap(record -> {
                    AccountRecord marked = record.beingDeleted();
                    // From here on no key can be added to the account, so that none is missed below.
                    return change(record, marked)
                            .flatMap(done -> done
                                    ? credentials.delete(marked.masterIndex()).then(deleteCredentials(marked))
                                            .then(deleteParts(id)).then(remove(marked))
                                    : Mono.just(false))
                            .flatMap(removed -> removed
                                    ? unlist(id).thenReturn(true)
                                    : retry(attempts, () -> delete(id, attempts - 1)));
                }).switchIfEmpty(unlist(id).thenReturn(false));
    }

    private Mono<Void> deleteCredentials(AccountRecord marked) {
        return Flux.fromArray(ListKind.values()).concatMap(kind -> deleteCredentials(kind, marked)).then();
    }

    /**
     * Deletes the credentials of one kind in batches, and stops if the account's record is no longer the marked one.
     */
    private Mono<Void> deleteCredentials(ListKind kind, AccountRecord marked) {
        AccountId id = marked.account().id();
        Mono<List<String>> nextBatch = Scripts.list(redis, LISTED_IF_MARKED,
                new String[]{AccountRecord.key(id), kind.key(id)},
                marked.encode(), Integer.toString(DELETE_BATCH - 1));
        return nextBatch.expand(batch -> batch.isEmpty()
                ? Mono.empty()
                : Flux.fromIterable(batch).concatMap(index -> removal.remove(kind, id, index))
                        .then(redis.run(commands -> commands.zrem(kind.key(id), batch.toArray(String[]::new))))
                        .then(nextBatch))
                .then();
    }

    private Mono<Void> deleteParts(AccountId id) {
        return Flux.fromIterable(parts).concatMap(part -> part.delete(id)).then();
    }

    private Mono<Boolean> remove(AccountRecord marked) {
        AccountId id = marked.account().id();
        List<String> keys = new ArrayList<>(List.of(AccountRecord.key(id)));
        parts.forEach(part -> keys.addAll(part.keys(id)));
        for (ListKind kind : ListKind.values()) {
            keys.add(kind.journal(id));
        }
        for (ListKind kind : ListKind.values()) {
            keys.add(kind.key(id));
        }
        String[] removed = keys.toArray(String[]::new);
        return redis.changes().changing(Scripts.run(redis, REMOVE_ACCOUNT, removed, marked.encode(),
                Integer.toString(ListKind.values().length)), removed).map(count -> count == 1);
    }

    /** Returns false if the record was changed since it was read. */
    private Mono<Boolean> change(AccountRecord present, AccountRecord changed) {
        String key = AccountRecord.key(present.account().id());
        return redis.changes().changing(Scripts.compareAndSet(redis, key, present.encode(), changed.encode()), key);
    }

    /** Removes the ID from the list, unless an account with this ID has been created meanwhile. */
    private Mono<Void> unlist(AccountId id) {
        return redis.run(commands -> commands.zrem(AccountRecord.ALL, id.value()))
                .then(redis.run(commands -> commands.exists(AccountRecord.key(id))))
                .flatMap(there -> there > 0 ? list(id) : Mono.empty()).then();
    }

    private Mono<AccountRecord> findRecord(AccountId id) {
        String key = AccountRecord.key(id);
        return redis.run(commands -> commands.get(key)).map(record -> AccountRecord.decode(key, record));
    }

    private static Mono<PresentedCredential> newKey() {
        return Mono.fromSupplier(() -> new PresentedCredential(KeyGenerator.next()))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static <T> Mono<T> retry(int attempts, Supplier<Mono<T>> next) {
        return attempts > 1 ? Mono.defer(next) : Mono.error(new ConcurrentChangeException());
    }
}
