package dev.postern.operator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.account.CallRevision;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Revision;
import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * The operators, in one hash in Redis. A change that is not possible fails with {@link ChangeRefusedException}. They
 * are read at each call, so that a change takes effect at once at all gates.
 */
public final class Operators implements AutoCloseable {
    static final String KEY = "postern:operators";

    private static final int MAX = 1000;
    private static final int ATTEMPTS = 5;
    private static final int MAX_VERIFIED = 1000;
    private static final Duration VERIFIED_FOR = Duration.ofMinutes(5);

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final Clock clock;
    private final Passwords passwords = new Passwords();
    private final Script replace = Script.read("/dev/postern/operator/replace.lua");
    /** Keyed hashes of correct passwords, each together with the operator's name and BCrypt hash. */
    private final Cache<String, Boolean> verified = Caffeine.newBuilder().maximumSize(MAX_VERIFIED)
            .expireAfterWrite(VERIFIED_FOR).build();

    public Operators(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** Why a text cannot be the password of this operator; empty if it can. */
    public static Optional<String> complaint(String password, String operator) {
        return Passwords.complaint(password, operator);
    }

    /** Creates an operator. The password must not have a {@link #complaint}. */
    public Mono<Operator> create(String name, Role role, String password) {
        return passwords.hash(password).flatMap(hash -> {
            Operator operator = new Operator(name, role, true, Instant.ofEpochMilli(clock.millis()), hash);
            return write(name, "", operator.encode()).flatMap(done -> switch (done.intValue()) {
                case 1 -> noted(operator);
                case -1 -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TOO_MANY,
                        "There can be at most " + MAX + " operators."));
                default -> Mono.error(new ChangeRefusedException(ChangeRefusedException.Why.TAKEN,
                        "There is already an operator with this name."));
            });
        });
    }

    /** All operators, by name. */
    public Mono<List<Operator>> list() {
        return redis.run(commands -> commands.hgetall(KEY))
                .map(records -> records.values().stream().map(Operator::decode)
                        .sorted(Comparator.comparing(Operator::name)).toList());
    }

    /** Whether there is any operator. */
    public Mono<Boolean> exist() {
        return redis.run(commands -> commands.hlen(KEY)).map(count -> count > 0);
    }

    /** The operator with this name; empty if there is none. */
    public Mono<Operator> find(String name) {
        return redis.run(commands -> commands.hget(KEY, name)).map(Operator::decode);
    }

    public Mono<Operator> require(String name) {
        return find(name).switchIfEmpty(Mono.error(Operators::missing)).flatMap(Operators::noted);
    }

    private static Mono<Operator> noted(Operator operator) {
        return CallRevision.note(revision(operator)).thenReturn(operator);
    }

    private static Revision revision(Operator operator) {
        return Revision.of(operator.encode());
    }

    /**
     * Changes an operator whose record is as the caller expects ({@link CallRevision}).
     *
     * @param change may be called more than once
     */
    public Mono<Operator> change(String name, UnaryOperator<Operator> change) {
        return change(name, change, ATTEMPTS);
    }

    private Mono<Operator> change(String name, UnaryOperator<Operator> change, int attempts) {
        return require(name).flatMap(present -> CallRevision.require(revision(present)).thenReturn(present))
                .flatMap(present -> {
                    Operator changed = change.apply(present);
                    return write(name, present.encode(), changed.encode()).flatMap(done -> done == 1
                            ? noted(changed)
                            : attempts > 1
                                    ? change(name, change, attempts - 1)
                                    : Mono.error(new ConcurrentChangeException()));
                });
    }

    /** Sets a new password, which must not have a {@link #complaint}. */
    public Mono<Operator> changePassword(String name, String password) {
        return passwords.hash(password).flatMap(hash -> change(name, operator -> operator.withPasswordHash(hash)));
    }

    /** Deletes an operator whose record is as the caller expects ({@link CallRevision}). */
    public Mono<Void> delete(String name) {
        return CallRevision.isExpected().flatMap(expected -> expected
                ? deleteExpected(name, ATTEMPTS)
                : redis.run(commands -> commands.hdel(KEY, name))
                        .flatMap(count -> count > 0 ? Mono.empty() : Mono.error(missing())));
    }

    private Mono<Void> deleteExpected(String name, int attempts) {
        return require(name).flatMap(present -> CallRevision.require(revision(present))
                .then(write(name, present.encode(), "")).flatMap(done -> {
                    if (done == 1) {
                        return Mono.empty();
                    }
                    return attempts > 1
                            ? deleteExpected(name, attempts - 1)
                            : Mono.error(new ConcurrentChangeException());
                }));
    }

    private Mono<Long> write(String name, String expected, String record) {
        return replace.number(redis, new String[]{KEY}, name, expected, record, Integer.toString(MAX));
    }

    private static ChangeRefusedException missing() {
        return new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                "There is no operator with this name.");
    }

    /** The operator with this name and password; empty if either is wrong, or the operator is disabled. */
    public Mono<Operator> verify(String name, String password) {
        return find(name).map(Optional::of).defaultIfEmpty(Optional.empty())
                .flatMap(found -> found.map(operator -> isRight(operator, password))
                        .orElseGet(() -> passwords.matchesNobody(password))
                        .flatMap(right -> right ? Mono.justOrEmpty(found) : Mono.empty()))
                .filter(Operator::enabled);
    }

    private Mono<Boolean> isRight(Operator operator, String password) {
        String digest = secrets.index("operator-password",
                operator.name() + "\n" + operator.passwordHash() + "\n" + password);
        return verified.getIfPresent(digest) != null
                ? Mono.just(true)
                : passwords.matches(password, operator.passwordHash()).doOnNext(right -> {
                    if (right) {
                        verified.put(digest, true);
                    }
                });
    }

    @Override
    public void close() {
        passwords.close();
    }
}
