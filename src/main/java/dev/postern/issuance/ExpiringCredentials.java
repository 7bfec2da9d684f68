package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.RedisStore;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Finds the credentials of all accounts that expire soon. A sorted set has the index of every credential that expires,
 * by time. It is a hint: it is written after the record, and an entry that its record does not confirm is removed when
 * it is read. So changes and deletions need not know of it.
 */
public final class ExpiringCredentials {
    private static final String UNTIL = "postern:credentials-until";
    /** The maximum number of entries that are read for one answer, including those that are out of date. */
    private static final int MAX_READ = 100;
    private static final int AT_ONCE = 8;
    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final Clock clock;
    private final Mono<List<Expiring>> soon;

    /**
     * @param ahead how far ahead {@link #soon} looks
     * @param max   the maximum number of credentials that it returns
     */
    public ExpiringCredentials(RedisStore redis, CredentialRecords credentials, Clock clock, Duration ahead, int max) {
        this.redis = redis;
        this.credentials = credentials;
        this.clock = clock;
        // Each open overview page of the console asks every two seconds.
        this.soon = Mono.defer(() -> read(ahead, max)).cache(_ -> REMEMBERED, _ -> Duration.ZERO,
                () -> Duration.ZERO);
    }

    /**
     * A credential that will expire.
     *
     * @param kind its kind, as in its record
     */
    public record Expiring(AccountId account, String kind, String id, String name, Instant expires) {}

    /** Notes when a credential expires. A failure is ignored: the credential itself is written already. */
    static Mono<Void> note(RedisStore redis, String index, Credential.Stored credential) {
        return credential instanceof Credential.Managed managed && managed.limits().expires().isPresent()
                ? redis.run(commands -> commands.zadd(UNTIL, score(managed.limits().expires().get()), index))
                        .onErrorComplete(StoreUnavailableException.class).then()
                : Mono.empty();
    }

    private static double score(Instant time) {
        return (double) time.toEpochMilli();
    }

    /** The credentials that expire next; as they were up to five seconds ago. */
    public Mono<List<Expiring>> soon() {
        return soon;
    }

    private Mono<List<Expiring>> read(Duration ahead, int max) {
        Instant now = clock.instant();
        return redis.run(commands -> commands.zremrangebyscore(UNTIL, Range.create(0d, score(now))))
                .then(redis.run(commands -> commands.zrangebyscoreWithScores(UNTIL,
                        Range.create(score(now), score(now.plus(ahead))), Limit.create(0, MAX_READ))))
                .flatMapIterable(entries -> entries)
                .flatMapSequential(this::confirmed, AT_ONCE)
                .take(max).collectList();
    }

    /** Empty if the credential is gone, cannot be read, or has another expiry by now. */
    private Mono<Expiring> confirmed(ScoredValue<String> entry) {
        String index = entry.getValue();
        return credentials.find(index).onErrorComplete(UnreadableRecordException.class)
                .flatMap(found -> Mono.justOrEmpty(expiring(index, entry.getScore(), found)))
                .switchIfEmpty(Flux.defer(() -> redis.run(commands -> commands.zrem(UNTIL, index))).then(Mono.empty()));
    }

    private static Optional<Expiring> expiring(String index, double score, Credential.Stored found) {
        return found instanceof Credential.Managed managed
                ? managed.limits().expires().filter(end -> score(end) == score).map(
                        end -> new Expiring(managed.account(), CredentialCodec.kind(managed),
                                CredentialRecords.idOf(index).value(), managed.name(), end))
                : Optional.empty();
    }
}
