package dev.postern.operator;

import dev.postern.account.KeyGenerator;
import dev.postern.account.RecordJson;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import io.lettuce.core.SetArgs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The records of sessions in Redis, so that every gate knows them, and signing out ends a session at all gates. Redis
 * holds only a keyed hash of the ID in the cookie.
 */
final class SessionRecords {
    private static final int ID_BYTES = 32;
    static final int VERSION = 1;
    static final String VERSION_MEMBER = "v";
    private static final String CREATED = "created";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final Clock clock;
    private final Duration idle;
    private final Duration longest;
    private final String prefix;
    private final String purpose;
    private final String[] members;

    /**
     * @param idle    a session ends when it has not been used for this long
     * @param longest a session ends after this time, even if it is in use
     * @param prefix  of the keys in Redis
     * @param purpose of the keyed hashes, so that no ID is valid for another kind of session
     * @param members that a record of this kind can have, in addition to the version and when the session began
     */
    SessionRecords(RedisStore redis, SecretKeys secrets, Clock clock, Duration idle, Duration longest, String prefix,
            String purpose, String... members) {
        this.redis = redis;
        this.secrets = secrets;
        this.clock = clock;
        this.idle = idle;
        this.longest = longest;
        this.prefix = prefix;
        this.purpose = purpose;
        this.members = RecordJson.and(members, VERSION_MEMBER, CREATED);
    }

    /** A new random ID. */
    static Mono<String> newId() {
        return Mono.fromSupplier(() -> KeyGenerator.urlSafe(ID_BYTES)).subscribeOn(Schedulers.boundedElastic());
    }

    /** Writes the record of a new session. Returns when it began. */
    Mono<Instant> create(String id, ObjectNode content) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        String record = JSON.writeValueAsString(content.put(CREATED, now.toEpochMilli()));
        return redis.run(commands -> commands.set(key(id), record, SetArgs.Builder.px(idle))).thenReturn(now);
    }

    /** Finds the record of a session, and restarts its idle time; empty if there is none, or the session has ended. */
    Mono<JsonNode> use(String id) {
        String key = key(id);
        return redis.run(commands -> commands.get(key)).map(this::read).flatMap(record -> {
            Duration left = longest.minus(Duration.between(created(record), Instant.ofEpochMilli(clock.millis())));
            if (left.isNegative() || left.isZero()) {
                return end(id).then(Mono.<JsonNode>empty());
            }
            long seconds = Math.max(1, Math.min(idle.toSeconds(), left.toSeconds()));
            return redis.run(commands -> commands.expire(key, seconds)).filter(there -> there).map(_ -> record);
        });
    }

    /** Ends a session. */
    Mono<Void> end(String id) {
        return redis.run(commands -> commands.del(key(id))).then();
    }

    private String key(String id) {
        return prefix + secrets.index(purpose, id);
    }

    private JsonNode read(String record) {
        try {
            JsonNode json = JSON.readTree(record);
            // A member that this gate does not know may limit what the session may do.
            if (new RecordJson(json).requireOnly(members).number(VERSION_MEMBER) != VERSION) {
                throw unreadable();
            }
            return json;
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw unreadable();
        }
    }

    /** @throws UnreadableRecordException if the record does not say when the session began */
    Instant created(JsonNode record) {
        try {
            return Instant.ofEpochMilli(record.required(CREATED).longValue());
        } catch (JacksonException corrupt) {
            throw unreadable();
        }
    }

    UnreadableRecordException unreadable() {
        return new UnreadableRecordException("A record under " + prefix + " cannot be read.");
    }
}
