package dev.postern.operator;

import dev.postern.access.AccountId;
import dev.postern.account.KeyGenerator;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sessions of the console. They are in Redis, so that every gate knows them and signing out ends them everywhere.
 * Redis has only a keyed hash of the id that is in the cookie.
 */
public final class Sessions {
    private static final String PREFIX = "postern:session:";
    private static final int ID_BYTES = 32;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final Clock clock;
    private final Duration idle;
    private final Duration longest;

    /**
     * @param idle    a session ends when it was not used for this long
     * @param longest a session ends after this time, however much it is used
     */
    public Sessions(RedisStore redis, SecretKeys secrets, Clock clock, Duration idle, Duration longest) {
        this.redis = redis;
        this.secrets = secrets;
        this.clock = clock;
        this.idle = idle;
        this.longest = longest;
    }

    /** A session and the id for its cookie. */
    public record Begun(String id, Session session) {}

    /** Begins the session of an operator. */
    public Mono<Begun> begin(String operator) {
        return begin(Optional.of(operator), Optional.empty(), "");
    }

    /** Begins the session of a holder of a master key. */
    public Mono<Begun> begin(AccountId account, String keyDigest) {
        return begin(Optional.empty(), Optional.of(account), keyDigest);
    }

    private Mono<Begun> begin(Optional<String> operator, Optional<AccountId> account, String keyDigest) {
        return Mono.fromSupplier(() -> KeyGenerator.urlSafe(ID_BYTES)).subscribeOn(Schedulers.boundedElastic())
                .flatMap(id -> {
                    Session session = new Session(operator, account, keyDigest, Instant.ofEpochMilli(clock.millis()),
                            secrets.index("csrf", id));
                    return redis.run(commands -> commands.set(key(id), encode(session), SetArgs.Builder.px(idle)))
                            .thenReturn(new Begun(id, session));
                });
    }

    /** The session with this id, which is used now; empty if there is none, or it has ended. */
    public Mono<Session> use(String id) {
        String key = key(id);
        return redis.run(commands -> commands.get(key)).map(record -> decode(id, record)).flatMap(session -> {
            Duration left = longest.minus(Duration.between(session.created(), Instant.ofEpochMilli(clock.millis())));
            if (left.isNegative() || left.isZero()) {
                return end(id).then(Mono.<Session>empty());
            }
            long seconds = Math.max(1, Math.min(idle.toSeconds(), left.toSeconds()));
            return redis.run(commands -> commands.expire(key, seconds)).filter(there -> there).map(_ -> session);
        });
    }

    /** Ends a session. */
    public Mono<Void> end(String id) {
        return redis.run(commands -> commands.del(key(id))).then();
    }

    private String key(String id) {
        return PREFIX + secrets.index("session", id);
    }

    private static String encode(Session session) {
        ObjectNode json = JSON.createObjectNode().put("v", 1).put("created", session.created().toEpochMilli())
                .put("key", session.keyDigest());
        session.operator().ifPresent(name -> json.put("operator", name));
        session.account().ifPresent(account -> json.put("account", account.value()));
        return JSON.writeValueAsString(json);
    }

    private Session decode(String id, String record) {
        try {
            JsonNode json = JSON.readTree(record);
            return new Session(Optional.ofNullable(json.get("operator")).map(JsonNode::stringValue),
                    Optional.ofNullable(json.get("account")).map(name -> new AccountId(name.stringValue())),
                    json.required("key").stringValue(), Instant.ofEpochMilli(json.required("created").longValue()),
                    secrets.index("csrf", id));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("A record under " + PREFIX + " cannot be read.");
        }
    }
}
