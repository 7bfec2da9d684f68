package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.KeyValue;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Those for whom an issuer vouches and whom an account shuts out: an issuer's tokens cannot be revoked here one by one, and
 * count until they end. What cannot be done is a {@link ChangeRefusedException}.
 */
public final class BlockedSubjects {
    /** Most of an account. */
    public static final int MAX = 10_000;
    /** Longest subject, in characters. */
    public static final int MAX_SUBJECT = 256;

    /** What stands for them among the sizes of what an account stores. */
    static final String ITEM = "subjects";

    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final StoredBytes stored;
    private final SecretKeys secrets;
    private final Issuers issuers;
    private final Clock clock;
    /** Read here: whoever deletes an account meets this class on an event loop first. */
    private final Script blockScript = StoredBytes.script("block-subject.lua");
    private final Script unblockScript = StoredBytes.script("remove-counted.lua");

    public BlockedSubjects(RedisStore redis, StoredBytes stored, SecretKeys secrets, Issuers issuers, Clock clock) {
        this.redis = redis;
        this.stored = stored;
        this.secrets = secrets;
        this.issuers = issuers;
        this.clock = clock;
    }

    /**
     * Somebody who is shut out.
     *
     * @param id      names the tokens of the subject towards backends, too
     * @param issuer  the issuer's name in the settings
     * @param subject the {@code sub} of its tokens
     */
    public record Blocked(String id, String issuer, String subject, Instant created) {}

    static String key(AccountId account) {
        return "postern:{" + account + "}:blocked-subjects";
    }

    /** What stands for a subject of an issuer. */
    static String index(SecretKeys secrets, String issuer, String subject) {
        return secrets.index("issued", issuer + "\n" + subject);
    }

    /** Shuts a subject out; again, if it is already. */
    public Mono<Blocked> block(AccountId account, String issuer, String subject) {
        if (!issuers.isKnown(issuer)) {
            return Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                    "postern.issuers has none of this name."));
        }
        String index = index(secrets, issuer, subject);
        Instant now = Instant.ofEpochMilli(clock.millis());
        String record = JSON.writeValueAsString(JSON.createObjectNode().put("v", VERSION).put("issuer", issuer)
                .put("subject", subject).put("created", now.toEpochMilli()));
        return stored.checked(account, redis.changes().changing(blockScript.number(redis,
                new String[]{AccountRecord.key(account), key(account), StoredBytes.key(account)}, index, record,
                Integer.toString(MAX), stored.max()), key(account))).flatMap(outcome -> switch (outcome.intValue()) {
                    case 1 -> Mono.just(new Blocked(CredentialRecords.idOf(index).value(), issuer, subject, now));
                    case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                            "An account may shut out " + MAX + " subjects."));
                    default -> Mono.error(ChangeRefusedException.noAccount());
                });
    }

    /** In no order that means anything. */
    public Mono<Page<Blocked>> list(AccountId account, Page.Request page) {
        String key = key(account);
        return redis.run(commands -> commands.hkeys(key)).map(all -> page.of(all.stream().sorted().toList()))
                .flatMap(indexes -> load(key, indexes.items()).map(found -> new Page<>(indexes.totalCount(), found)));
    }

    private Mono<List<Blocked>> load(String key, List<String> indexes) {
        return indexes.isEmpty()
                ? Mono.just(List.of())
                : redis.run(commands -> commands.hmget(key, indexes.toArray(String[]::new)))
                        .map(records -> records.stream().filter(KeyValue::hasValue)
                                .map(record -> decode(key, record.getKey(), record.getValue())).toList());
    }

    private static Blocked decode(String key, String index, String text) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(text)).requireOnly("v", "issuer", "subject", "created");
            return new Blocked(CredentialRecords.idOf(index).value(), json.string("issuer"), json.string("subject"),
                    json.time("created"));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("A record in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }

    /** Lets a subject in again; false when there was none of this id. */
    public Mono<Boolean> unblock(AccountId account, String id) {
        String key = key(account);
        return redis.run(commands -> commands.hkeys(key)).flatMap(indexes -> Mono.justOrEmpty(indexes.stream()
                .filter(index -> CredentialRecords.idOf(index).value().equals(id)).findFirst()))
                .flatMap(index -> redis.changes()
                        .changing(unblockScript.number(redis, new String[]{key, StoredBytes.key(account)}, ITEM, index),
                                key))
                .map(count -> count > 0)
                .defaultIfEmpty(false);
    }

    /** The subjects that are shut out of an account: whether this one is among them. */
    static Mono<Boolean> isBlocked(Facts facts, AccountId account, String index) {
        return facts.isThere(RecordRef.field(key(account), index));
    }
}
