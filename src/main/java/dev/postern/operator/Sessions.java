package dev.postern.operator;

import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The sessions of the console. */
public final class Sessions {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final SessionRecords records;
    private final SecretKeys secrets;

    /**
     * @param idle    a session ends when it has not been used for this long
     * @param longest a session ends after this time, even if it is in use
     */
    public Sessions(RedisStore redis, SecretKeys secrets, Clock clock, Duration idle, Duration longest) {
        this.secrets = secrets;
        this.records = new SessionRecords(redis, secrets, clock, idle, longest, "postern:session:", "session",
                "operator", "signed_as", "identity");
    }

    /** A session and the ID for its cookie. */
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
        return SessionRecords.newId().flatMap(id -> records.create(id, encode(name, signedAs, identity))
                .map(created -> new Begun(id, new Session(name, signedAs, created, csrf(id), identity))));
    }

    private String csrf(String id) {
        return secrets.index("csrf", id);
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

    /** Finds the session with this ID, and restarts its idle time; empty if there is none, or it has ended. */
    public Mono<Session> use(String id) {
        return records.use(id).map(record -> decode(id, record));
    }

    /** Ends a session. */
    public Mono<Void> end(String id) {
        return records.end(id);
    }

    private static ObjectNode encode(String name, String signedAs, Optional<Identity> signedIn) {
        ObjectNode json = JSON.createObjectNode().put(SessionRecords.VERSION_MEMBER, SessionRecords.VERSION)
                .put("operator", name).put("signed_as", signedAs);
        signedIn.ifPresent(identity -> {
            ObjectNode stored = json.putObject("identity").put("issuer", identity.issuer())
                    .put("subject", identity.subject()).put("name", identity.name());
            identity.groups().forEach(stored.putArray("groups")::add);
        });
        return json;
    }

    private Session decode(String id, JsonNode json) {
        try {
            return new Session(json.required("operator").stringValue(), json.required("signed_as").stringValue(),
                    records.created(json), csrf(id), Optional.ofNullable(json.get("identity")).map(Sessions::identity));
        } catch (JacksonException corrupt) {
            throw records.unreadable();
        }
    }

    private static Identity identity(JsonNode json) {
        List<String> groups = json.required("groups").valueStream().map(JsonNode::stringValue).toList();
        return new Identity(json.required("issuer").stringValue(), json.required("subject").stringValue(),
                json.required("name").stringValue(), groups);
    }
}
