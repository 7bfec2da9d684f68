package dev.postern.operator;

import dev.postern.account.KeyGenerator;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The link with which the first operator is created. It can be used once, for a limited time, and only while there is
 * no operator; so there is no default password.
 */
public final class FirstOperator {
    /** How long a link can be used. */
    public static final Duration VALID_FOR = Duration.ofHours(1);

    private static final String KEY = "postern:first-operator";
    private static final int CODE_BYTES = 24;

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final Operators operators;

    public FirstOperator(RedisStore redis, SecretKeys secrets, Operators operators) {
        this.redis = redis;
        this.secrets = secrets;
        this.operators = operators;
    }

    /** Makes a new code, which replaces any earlier one; empty if there is an operator. */
    public Mono<String> offer() {
        return operators.exist().filter(exist -> !exist)
                .flatMap(_ -> Mono.fromSupplier(() -> KeyGenerator.urlSafe(CODE_BYTES))
                        .subscribeOn(Schedulers.boundedElastic()))
                .flatMap(code -> redis
                        .run(commands -> commands.set(KEY, index(code), SetArgs.Builder.px(VALID_FOR)))
                        .thenReturn(code));
    }

    /** Whether the code can be used now. */
    public Mono<Boolean> isOffered(String code) {
        return operators.exist().flatMap(exist -> exist
                ? Mono.just(false)
                : redis.run(commands -> commands.get(KEY)).map(expected -> isEqual(expected, index(code)))
                        .defaultIfEmpty(false));
    }

    /** Creates the first operator, an administrator; empty if the code cannot be used. Uses up the code. */
    public Mono<Operator> create(String code, String name, String password) {
        return isOffered(code).filter(offered -> offered)
                .flatMap(_ -> redis.run(commands -> commands.getdel(KEY)).map(used -> isEqual(used, index(code)))
                        .defaultIfEmpty(false))
                .filter(used -> used).flatMap(_ -> operators.create(name, Role.ADMIN, password));
    }

    private String index(String code) {
        return secrets.index("first-operator", code);
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
