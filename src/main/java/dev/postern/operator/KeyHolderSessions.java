package dev.postern.operator;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sessions of key holders. Their page may be on the public port, where strangers send any cookie: an ID that no
 * gate made is recognized in memory, and costs no call to Redis.
 */
public final class KeyHolderSessions {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final char SEPARATOR = '.';
    private static final int MAX_LENGTH = 100;
    /** Characters of the keyed hash that makes an ID recognizable: 128 bits. */
    private static final int MARK = 22;

    private final SessionRecords records;
    private final SecretKeys secrets;

    /**
     * @param idle    a session ends when it has not been used for this long
     * @param longest a session ends after this time, even if it is in use
     */
    public KeyHolderSessions(RedisStore redis, SecretKeys secrets, Clock clock, Duration idle, Duration longest) {
        this.secrets = secrets;
        this.records = new SessionRecords(redis, secrets, clock, idle, longest, "postern:key-holder-session:",
                "key-holder-session", "account", "master_key");
    }

    /** A session and the ID for its cookie. */
    public record Begun(String id, KeyHolderSession session) {}

    /**
     * Begins the session of somebody who has presented a master key.
     *
     * @param masterKey the index of the key
     */
    public Mono<Begun> begin(AccountId account, String masterKey) {
        ObjectNode content = JSON.createObjectNode().put(SessionRecords.VERSION_MEMBER, SessionRecords.VERSION)
                .put("account", account.value()).put("master_key",
                        masterKey);
        return SessionRecords.newId().map(random -> random + SEPARATOR + mark(random))
                .flatMap(id -> records.create(id, content)
                        .map(created -> new Begun(id, new KeyHolderSession(account, masterKey, created, csrf(id)))));
    }

    /** Whether a gate made this ID. The session may have ended. */
    public boolean isId(String text) {
        int separator = text.lastIndexOf(SEPARATOR);
        return separator > 0 && text.length() <= MAX_LENGTH && MessageDigest.isEqual(
                text.substring(separator + 1).getBytes(StandardCharsets.UTF_8),
                mark(text.substring(0, separator)).getBytes(StandardCharsets.UTF_8));
    }

    private String mark(String random) {
        return secrets.index("key-holder-session-id", random).substring(0, MARK);
    }

    private String csrf(String id) {
        return secrets.index("key-holder-csrf", id);
    }

    /** Finds the session with this ID, and restarts its idle time; empty if there is none, or it has ended. */
    public Mono<KeyHolderSession> use(String id) {
        return isId(id) ? records.use(id).map(record -> decode(id, record)) : Mono.empty();
    }

    /** Ends a session. */
    public Mono<Void> end(String id) {
        return isId(id) ? records.end(id) : Mono.empty();
    }

    private KeyHolderSession decode(String id, JsonNode json) {
        try {
            return new KeyHolderSession(new AccountId(json.required("account").stringValue()),
                    json.required("master_key").stringValue(), records.created(json), csrf(id));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw records.unreadable();
        }
    }
}
