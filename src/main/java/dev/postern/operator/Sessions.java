package dev.postern.operator;

import dev.postern.account.KeyGenerator;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sessions of the console. They are in Redis, so that every gate knows them, and signing out ends a session at all
 * gates. Redis holds only a keyed hash of the id in the cookie.
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
     * @param idle    a session ends when it has not been used for this long
     * @param longest a session ends after this time, even if it is in use
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

    /** Begins the session of an operator who has signed in. */
    public Mono<Begun> begin(Operator operator) {
        return begin(operator.name(), signedAs(operator), Optional.empty());
    }

    /** Begins the session of an operator who has signed in with the identity provider. */
    public Mono<Begun> begin(Identity identity) {
        return begin(identity.name(), signedAs(identity), Optional.of(identity));
    }

    private Mono<Begun> begin(String name, String signedAs, Optional<Identity> identity) {
        return Mono.fromSupplier(() -> KeyGenerator.urlSafe(ID_BYTES)).subscribeOn(Schedulers.boundedElastic())
                .flatMap(id -> {
                    Session session = new Session(name, signedAs, Instant.ofEpochMilli(clock.millis()),
                            secrets.index("csrf", id), identity);
                    return redis.run(commands -> commands.set(key(id), encode(session), SetArgs.Builder.px(idle)))
                            .thenReturn(new Begun(id, session));
                });
    }

    /** Whether this operator began the session, and still has the same password. */
    public boolean isOf(Session session, Operator operator) {
        return session.identity().isEmpty() && session.operator().equals(operator.name())
                && session.signedAs().equals(signedAs(operator));
    }

    private String signedAs(Operator operator) {
        return secrets.index("session-operator",
                operator.name() + "\n" + operator.created().toEpochMilli() + "\n" + operator.passwordHash());
    }

    private String signedAs(Identity identity) {
        return secrets.index("session-identity", identity.issuer() + "\n" + identity.subject());
    }

    /** Finds the session with this id, and restarts its idle time; empty if there is none, or it has ended. */
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
        ObjectNode json = JSON.createObjectNode().put("v", 1).put("operator", session.operator())
                .put("signed_as", session.signedAs()).put("created", session.created().toEpochMilli());
        session.identity().ifPresent(identity -> {
            ObjectNode stored = json.putObject("identity").put("issuer", identity.issuer())
                    .put("subject", identity.subject()).put("name", identity.name());
            identity.groups().forEach(stored.putArray("groups")::add);
        });
        return JSON.writeValueAsString(json);
    }

    private Session decode(String id, String record) {
        try {
            JsonNode json = JSON.readTree(record);
            return new Session(json.required("operator").stringValue(), json.required("signed_as").stringValue(),
                    Instant.ofEpochMilli(json.required("created").longValue()), secrets.index("csrf", id),
                    Optional.ofNullable(json.get("identity")).map(Sessions::identity));
        } catch (JacksonException corrupt) {
            throw new UnreadableRecordException("A record under " + PREFIX + " cannot be read.");
        }
    }

    private static Identity identity(JsonNode json) {
        List<String> groups = json.required("groups").valueStream().map(JsonNode::stringValue).toList();
        return new Identity(json.required("issuer").stringValue(), json.required("subject").stringValue(),
                json.required("name").stringValue(), groups);
    }
}
