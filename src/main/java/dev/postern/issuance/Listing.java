package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.ScoredValue;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Adds, finds, changes and removes the credentials of one kind in an account. Each record has a Redis key of its own,
 * which ends with its index: a keyed hash of the secret or of the ID. A sorted set in the account's Redis slot lists
 * the indexes. An entry without a record permits nothing, so the entry is written before the record, and deleted after
 * it.
 *
 * @param <C> the kind
 */
final class Listing<C extends Credential.Stored> {
    private static final int ATTEMPTS = 5;
    private static final Script CONFIRM = StoredBytes.journaled("/dev/postern/issuance/confirm-listed.lua");
    private static final Script ADD = StoredBytes.journaled("/dev/postern/issuance/add-listed.lua");
    private static final Script UNLIST = StoredBytes.journaled("/dev/postern/issuance/unlist.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final StoredBytes stored;
    private final ListedIndexes indexes;
    private final ListedRecords<C> records;
    private final ListKind kind;
    private final Class<C> type;
    private final int maxPerAccount;

    Listing(RedisStore redis, CredentialRecords credentials, StoredBytes stored, Clock clock, ListKind kind,
            Class<C> type,
            int maxPerAccount) {
        this.stored = stored;
        this.indexes = new ListedIndexes(redis, kind);
        this.redis = redis;
        this.credentials = credentials;
        this.kind = kind;
        this.type = type;
        this.maxPerAccount = maxPerAccount;
        this.records = new ListedRecords<>(redis, stored, clock, kind, type, this::unlist);
    }

    /** A credential and the index under which it is found. */
    record Entry<C>(String index, C credential) {
        String id() {
            return CredentialRecords.idOf(index).value();
        }
    }

    /** The result of adding a credential. */
    enum AddOutcome {
        ADDED,
        /** The account does not exist, or is being deleted. */
        NO_ACCOUNT,
        /** The account has the maximum number of credentials of this kind. */
        TOO_MANY,
        /** A credential with this index already exists. */
        TAKEN
    }

    /** Adds a credential. Fails with {@link ChangeRefusedException} if the account would store too many bytes. */
    Mono<AddOutcome> add(String index, C credential, Instant created) {
        AccountId account = credential.account();
        return Mono.defer(() -> {
            String record = CredentialCodec.encode(credential);
            return stored.checked(account, ADD.number(redis,
                    new String[]{AccountRecord.key(account), kind.key(account), StoredBytes.key(account),
                            kind.journal(account)},
                    index,
                    Long.toString(created.toEpochMilli()), Integer.toString(maxPerAccount),
                    Integer.toString(StoredBytes.size(record)), stored.max()))
                    .flatMap(added -> switch (added.intValue()) {
                        case 0 -> Mono.just(AddOutcome.NO_ACCOUNT);
                        case -1 -> Mono.just(AddOutcome.TOO_MANY);
                        default -> credentials.create(index, record).flatMap(written -> written
                                ? confirm(account, index, created).flatMap(outcome -> ExpiringCredentials
                                        .note(redis, index, credential).thenReturn(outcome))
                                : taken(account, index, created, added.intValue() == 1));
                    });
        });
    }

    /**
     * Checks that the account still lists the new credential; deletes the credential if the account has been deleted.
     */
    private Mono<AddOutcome> confirm(AccountId account, String index, Instant created) {
        return CONFIRM
                .number(redis, new String[]{AccountRecord.key(account), kind.key(account), kind.journal(account)},
                        index, Long.toString(created.toEpochMilli()))
                .flatMap(listed -> listed == 1
                        ? Mono.just(AddOutcome.ADDED)
                        : remove(account, index).thenReturn(AddOutcome.NO_ACCOUNT));
    }

    /**
     * Removes the list entry, if this call added it. The entry stays if the account has a credential with this index:
     * another call may have created that credential in the same millisecond, and needs the entry.
     *
     * @param ours whether this call added the entry; if not, the entry belongs to the existing credential
     */
    private Mono<AddOutcome> taken(AccountId account, String index, Instant created, boolean ours) {
        return (ours
                ? findByIndex(account, index).onErrorComplete(UnreadableRecordException.class).hasElement()
                        .flatMap(exists -> exists ? Mono.empty() : unlist(account, index, created)).then()
                : Mono.<Void>empty()).thenReturn(AddOutcome.TAKEN);
    }

    Mono<Long> count(AccountId account) {
        return redis.run(commands -> commands.zcard(kind.key(account)));
    }

    /** The account's credential with this ID; empty if there is none. */
    Mono<Entry<C>> find(AccountId account, String id) {
        return indexes.of(account).map(ScoredValue::getValue)
                .filter(index -> CredentialRecords.idOf(index).value().equals(id)).next()
                .flatMap(index -> findByIndex(account, index));
    }

    /** The account's credential with this index; empty if there is none. */
    Mono<Entry<C>> findByIndex(AccountId account, String index) {
        return credentials.find(index).ofType(type).filter(found -> found.account().equals(account))
                .map(found -> new Entry<>(index, found));
    }

    /** Loads a range of credentials, by rank, in the order of their creation. */
    Flux<Entry<C>> load(AccountId account, long first, long last) {
        return records.load(account, redis.run(commands -> commands.zrangeWithScores(kind.key(account), first, last))
                .flatMapIterable(entries -> entries));
    }

    /** Loads those credentials of the account that have these indexes and still exist. */
    Flux<Entry<C>> load(AccountId account, List<String> indexes) {
        if (indexes.isEmpty()) {
            return Flux.empty();
        }
        String key = kind.key(account);
        return redis.run(commands -> commands.zmscore(key, indexes.toArray(String[]::new)))
                .flatMapMany(scores -> records.load(account, Flux.range(0, indexes.size())
                        .filter(i -> scores.get(i) != null)
                        .map(i -> ScoredValue.just(scores.get(i), indexes.get(i)))));
    }

    /** Loads all credentials of the account in the order of their creation, with only some in memory at a time. */
    Flux<Entry<C>> loadAll(AccountId account) {
        return records.load(account, indexes.of(account));
    }

    /**
     * Changes a credential, retrying if others change it concurrently.
     *
     * @param change may be called more than once
     * @return the changed credential; empty if the account has no such credential
     */
    Mono<C> change(AccountId account, String index, UnaryOperator<C> change) {
        return change(account, index, change, ATTEMPTS);
    }

    private Mono<C> change(AccountId account, String index, UnaryOperator<C> change, int attempts) {
        return findByIndex(account, index).flatMap(present -> {
            C changed = change.apply(present.credential());
            return replace(present, changed)
                    .flatMap(done -> done
                            ? Mono.just(changed)
                            : attempts > 1
                                    ? change(account, index, change, attempts - 1)
                                    : Mono.error(new ConcurrentChangeException()));
        });
    }

    /**
     * Replaces a credential if it is unchanged since it was read; false if it was changed or deleted. Fails with
     * {@link ChangeRefusedException} if the account has no room for it to grow.
     */
    Mono<Boolean> replace(Entry<C> present, C changed) {
        return Mono.defer(() -> {
            String record = CredentialCodec.encode(changed);
            return stored
                    .reserve(changed.account(), kind.key(changed.account()), present.index(), StoredBytes.size(record))
                    .flatMap(reserved -> credentials.replace(present.index(), present.credential(), record)
                            .flatMap(done -> done
                                    // The credential is already replaced, so a failure here is ignored. The size
                                    // is corrected when the list is read next.
                                    ? stored.settle(reserved).onErrorComplete(StoreUnavailableException.class)
                                            .then(ExpiringCredentials.note(redis, present.index(), changed))
                                            .thenReturn(true)
                                    : Mono.just(false)));
        });
    }

    /**
     * Deletes a credential; false if there was none. The record is deleted first: an entry without a record permits
     * nothing.
     */
    Mono<Boolean> remove(AccountId account, String index) {
        return credentials.delete(index).flatMap(deleted -> unlist(account, index).thenReturn(deleted));
    }

    /**
     * Removes an entry with this creation time from the list; false if it was not listed. A younger entry belongs to a
     * credential that was recreated under the same index.
     */
    Mono<Boolean> unlist(AccountId account, String index, Instant created) {
        return unlist(account, index, Long.toString(created.toEpochMilli()));
    }

    /** Removes an entry from the list, whatever its creation time; false if it was not listed. */
    Mono<Boolean> unlist(AccountId account, String index) {
        return unlist(account, index, "");
    }

    private Mono<Boolean> unlist(AccountId account, String index, String created) {
        return UNLIST
                .number(redis, new String[]{kind.key(account), StoredBytes.key(account), kind.journal(account)}, index,
                        created)
                .map(count -> count > 0);
    }
}
