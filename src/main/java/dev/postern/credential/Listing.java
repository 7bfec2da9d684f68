package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScoredValue;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The credentials of one kind in an account: a sorted set in the account's slot lists their indexes, their records stand by
 * themselves. The list never permits anything, so a record is deleted before its entry and written after it.
 *
 * @param <C> the kind
 */
final class Listing<C extends Credential.Stored> {
    private static final int ATTEMPTS = 5;
    private static final int BATCH = 50;
    /** A credential is made in milliseconds: what is listed without a record for longer, by any gate's clock, was cut off in the making. */
    private static final long MAKING_MILLIS = 600_000;
    private static final String CONFIRM = Scripts.read("/dev/postern/credential/confirm-listed.lua");
    private static final String ADD = Scripts.read("/dev/postern/credential/add-listed.lua");
    private static final String UNLIST = Scripts.read("/dev/postern/credential/unlist.lua");

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final Clock clock;
    private final Kind kind;
    private final Class<C> type;
    private final int maxPerAccount;

    Listing(RedisStore redis, CredentialRecords credentials, Clock clock, Kind kind, Class<C> type,
            int maxPerAccount) {
        this.redis = redis;
        this.credentials = credentials;
        this.clock = clock;
        this.kind = kind;
        this.type = type;
        this.maxPerAccount = maxPerAccount;
    }

    /** What an account has lists of. */
    enum Kind {
        API_KEYS("api-keys"),
        STATIC_TOKENS("static-tokens"),
        APPLICATIONS("applications"),
        RSA_TOKENS("rsa-tokens"),
        JWT_TOKENS("jwt-tokens");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        String key(AccountId account) {
            return "postern:{" + account + "}:" + plural;
        }
    }

    /** A credential and the index under which it is found. */
    record Entry<C>(String index, C credential) {
        String id() {
            return CredentialRecords.idOf(index).value();
        }
    }

    /** What adding comes to. */
    enum Addition {
        ADDED,
        /** The account is gone, or going. */
        NO_ACCOUNT,
        /** The account has as many as it may have. */
        TOO_MANY,
        /** There is a credential of this index already. */
        TAKEN
    }

    Mono<Addition> add(String index, C credential, Instant created) {
        AccountId account = credential.account();
        return Scripts
                .run(redis, ADD, new String[]{AccountRecord.key(account), kind.key(account)}, index,
                        Long.toString(created.toEpochMilli()), Integer.toString(maxPerAccount))
                .flatMap(added -> switch (added.intValue()) {
                    case 0 -> Mono.just(Addition.NO_ACCOUNT);
                    case -1 -> Mono.just(Addition.TOO_MANY);
                    default -> credentials.create(index, credential).flatMap(written -> written
                            ? confirm(account, index, created)
                            : taken(account, index, created, added.intValue() == 1));
                });
    }

    /** The account may have been deleted since the credential was listed: then it dies unseen. */
    private Mono<Addition> confirm(AccountId account, String index, Instant created) {
        return Scripts
                .run(redis, CONFIRM, new String[]{AccountRecord.key(account), kind.key(account)}, index,
                        Long.toString(created.toEpochMilli()))
                .flatMap(listed -> listed == 1
                        ? Mono.just(Addition.ADDED)
                        : remove(account, index).thenReturn(Addition.NO_ACCOUNT));
    }

    /** @param ours whether the entry in the list was added by this call, and not by whoever holds the index */
    private Mono<Addition> taken(AccountId account, String index, Instant created, boolean ours) {
        return (ours ? unlist(account, index, created).then() : Mono.<Void>empty()).thenReturn(Addition.TAKEN);
    }

    Mono<Long> count(AccountId account) {
        return redis.run(commands -> commands.zcard(kind.key(account)));
    }

    /** The account's credential of this id; empty when it has none. */
    Mono<Entry<C>> find(AccountId account, String id) {
        return redis.run(commands -> commands.zrange(kind.key(account), 0, -1))
                .flatMap(indexes -> Mono.justOrEmpty(
                        indexes.stream().filter(index -> CredentialRecords.idOf(index).value().equals(id)).findFirst()))
                .flatMap(index -> findByIndex(account, index));
    }

    /** The account's credential of this index; empty when it has none. */
    Mono<Entry<C>> findByIndex(AccountId account, String index) {
        return credentials.find(index).ofType(type).filter(found -> found.account().equals(account))
                .map(found -> new Entry<>(index, found));
    }

    /** Credentials in the order in which they were made, by rank. */
    Flux<Entry<C>> load(AccountId account, long first, long last) {
        return redis.run(commands -> commands.zrangeWithScores(kind.key(account), first, last))
                .flatMapIterable(entries -> entries).buffer(BATCH).concatMap(batch -> load(account, batch));
    }

    private Flux<Entry<C>> load(AccountId account, List<ScoredValue<String>> batch) {
        String[] keys = batch.stream().map(entry -> CredentialRecords.key(entry.getValue())).toArray(String[]::new);
        return redis.run(commands -> commands.mget(keys)).flatMapMany(records -> {
            List<Entry<C>> found = new ArrayList<>();
            List<ScoredValue<String>> cutOff = new ArrayList<>();
            for (int i = 0; i < records.size(); i++) {
                KeyValue<String, String> record = records.get(i);
                String index = batch.get(i).getValue();
                if (!record.hasValue()) {
                    if (clock.millis() - batch.get(i).getScore() > MAKING_MILLIS) {
                        cutOff.add(batch.get(i));
                    }
                } else {
                    Credential.Stored credential = CredentialCodec.decode(keys[i], record.getValue());
                    // One of another account was listed by a call that was refused, or cut off before it was.
                    if (type.isInstance(credential) && credential.account().equals(account)) {
                        found.add(new Entry<>(index, type.cast(credential)));
                    }
                }
            }
            return Flux.fromIterable(cutOff)
                    .concatMap(entry -> unlist(account, entry.getValue(),
                            Instant.ofEpochMilli((long) entry.getScore())))
                    .thenMany(Flux.fromIterable(found));
        });
    }

    /**
     * Changes a credential, whatever others do to it at the same time.
     *
     * @param change may be asked more than once
     * @return as changed; empty when the account has no such credential
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
                                    : Mono.error(new Accounts.ConcurrentChangeException()));
        });
    }

    /** Replaces a credential if it is still as it was read; false when it changed or is gone. */
    Mono<Boolean> replace(Entry<C> present, C changed) {
        return credentials.replace(present.index(), present.credential(), changed);
    }

    /** Ends a credential; false when there was none. The record goes first: what is listed beyond it permits nothing. */
    Mono<Boolean> remove(AccountId account, String index) {
        return credentials.delete(index).flatMap(deleted -> unlist(account, index).thenReturn(deleted));
    }

    /**
     * Takes an entry off the list that was made then; false when it was not there. One that is younger stands for a credential
     * that was made anew under the same index.
     */
    Mono<Boolean> unlist(AccountId account, String index, Instant created) {
        return Scripts.run(redis, UNLIST, new String[]{kind.key(account)}, index,
                Long.toString(created.toEpochMilli())).map(count -> count > 0);
    }

    /** Takes an entry off the list, whenever it was made; false when it was not there. */
    Mono<Boolean> unlist(AccountId account, String index) {
        return redis.run(commands -> commands.zrem(kind.key(account), index)).map(count -> count > 0);
    }
}
