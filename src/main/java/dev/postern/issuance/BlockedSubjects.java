package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.AccountPart;
import dev.postern.account.AccountRecord;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.BlockedSubject;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import io.lettuce.core.KeyValue;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Blocks subjects of external issuers in an account. The gate cannot revoke their tokens, which are valid until
 * they expire, so it refuses the subject. A change that is not possible fails with {@link ChangeRefusedException}.
 */
public final class BlockedSubjects implements AccountPart {
    /** The maximum number in an account. */
    public static final int MAX = 10_000;
    /** The maximum length of a subject, in characters. */
    public static final int MAX_SUBJECT = 256;

    private static final int AT_ONCE = 500;

    private final RedisStore redis;
    private final StoredBytes stored;
    private final SecretKeys secrets;
    private final Predicate<String> isIssuer;
    private final Clock clock;
    /**
     * Not static: deleting an account may initialize this class on an event loop, where reading a file is forbidden.
     */
    private final Script blockScript = StoredBytes.script("/dev/postern/issuance/block-subject.lua");
    private final Script unblockScript = StoredBytes.script("/dev/postern/issuance/remove-counted.lua");

    /** @param isIssuer tells whether an issuer with this name is configured */
    public BlockedSubjects(RedisStore redis, StoredBytes stored, SecretKeys secrets, Predicate<String> isIssuer,
            Clock clock) {
        this.redis = redis;
        this.stored = stored;
        this.secrets = secrets;
        this.isIssuer = isIssuer;
        this.clock = clock;
    }

    @Override
    public List<String> keys(AccountId account) {
        return List.of(BlockedSubject.key(account));
    }

    /** Blocks a subject. Blocking it twice has no further effect. */
    public Mono<BlockedSubject> block(AccountId account, String issuer, String subject) {
        return restore(account, subject(issuer, subject, Instant.ofEpochMilli(clock.millis())));
    }

    /** The same, but keeps the time at which the subject was blocked before. */
    public Mono<BlockedSubject> restore(AccountId account, BlockedSubject blocked) {
        String index = BlockedSubject.index(secrets, blocked.issuer(), blocked.subject());
        return requireIssuer(blocked.issuer())
                .then(stored.checked(account, redis.changes().changing(blockScript.number(redis,
                        new String[]{AccountRecord.key(account), BlockedSubject.key(account), StoredBytes.key(account)},
                        index,
                        blocked.encode(),
                        Integer.toString(MAX), stored.max()), BlockedSubject.key(account))))
                .flatMap(outcome -> switch (outcome.intValue()) {
                    case 1 -> Mono.just(blocked);
                    case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account can block at most " + MAX + " subjects."));
                    default -> Mono.error(ChangeRefusedException.noAccount());
                });
    }

    /** All blocked subjects of an account, ordered by index. */
    public Flux<BlockedSubject> all(AccountId account) {
        String key = BlockedSubject.key(account);
        return redis.run(commands -> commands.hkeys(key))
                .flatMapIterable(indexes -> indexes.stream().sorted().toList()).buffer(AT_ONCE)
                .concatMap(indexes -> load(key, indexes), 1).concatMapIterable(found -> found);
    }

    /** The subject, if it is blocked. */
    public Mono<BlockedSubject> find(AccountId account, String issuer, String subject) {
        return load(BlockedSubject.key(account), List.of(BlockedSubject.index(secrets, issuer, subject)))
                .flatMap(found -> Mono.justOrEmpty(found.stream().findFirst()));
    }

    public Mono<Long> count(AccountId account) {
        return redis.run(commands -> commands.hlen(BlockedSubject.key(account)));
    }

    /** A subject that was blocked at this time. */
    public BlockedSubject subject(String issuer, String subject, Instant created) {
        return BlockedSubject.of(BlockedSubject.index(secrets, issuer, subject), issuer, subject, created);
    }

    /** Refuses an issuer that is not configured. */
    public Mono<Void> requireIssuer(String issuer) {
        return isIssuer.test(issuer)
                ? Mono.empty()
                : Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                        "postern.issuers has no issuer with this name."));
    }

    /** Lists blocked subjects in arbitrary order. */
    public Mono<Page<BlockedSubject>> list(AccountId account, Page.Request page) {
        String key = BlockedSubject.key(account);
        return redis.run(commands -> commands.hkeys(key)).map(all -> page.of(all.stream().sorted().toList()))
                .flatMap(indexes -> load(key, indexes.items()).map(found -> new Page<>(indexes.totalCount(), found)));
    }

    private Mono<List<BlockedSubject>> load(String key, List<String> indexes) {
        return indexes.isEmpty()
                ? Mono.just(List.of())
                : redis.run(commands -> commands.hmget(key, indexes.toArray(String[]::new)))
                        .map(records -> records.stream().filter(KeyValue::hasValue)
                                .map(record -> BlockedSubject.decode(key, record.getKey(), record.getValue()))
                                .toList());
    }

    /** Unblocks a subject; false if none with this ID is blocked. */
    public Mono<Boolean> unblock(AccountId account, String id) {
        String key = BlockedSubject.key(account);
        return redis.run(commands -> commands.hkeys(key)).flatMap(indexes -> Mono.justOrEmpty(indexes.stream()
                .filter(index -> CredentialRecords.idOf(index).value().equals(id)).findFirst()))
                .flatMap(index -> redis.changes()
                        .changing(
                                unblockScript.number(redis, new String[]{key, StoredBytes.key(account)},
                                        BlockedSubject.ITEM, index),
                                key))
                .map(count -> count > 0)
                .defaultIfEmpty(false);
    }
}
