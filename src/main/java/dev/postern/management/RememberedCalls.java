package dev.postern.management;

import dev.postern.store.RedisStore;
import dev.postern.store.Script;
import dev.postern.store.SecretKeys;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Remembers in Redis which calls with an {@code Idempotency-Key} were made, and their replies. Keys and bodies are
 * stored as keyed hashes, and replies are sealed, because all of them may contain secrets.
 */
final class RememberedCalls {
    /** How long a reply is kept. */
    static final Duration KEPT = Duration.ofHours(24);
    /** A call that has not ended by then is treated as interrupted. Longer than any call takes. */
    static final Duration LONGEST_CALL = Duration.ofSeconds(60);
    /** Larger replies are not kept. */
    static final int MAX_REPLY = 64 * 1024;

    private static final int MAX_KEYS_OF_CALLER = 10_000;
    private static final int MAX_BYTES_OF_CALLER = 16 * 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final Clock clock;
    private final Script begin = Script.read("/dev/postern/management/begin-idempotent.lua");
    private final Script end = Script.read("/dev/postern/management/end-idempotent.lua");

    /** Reads files: do not call on an event loop. */
    RememberedCalls(RedisStore redis, SecretKeys secrets, Clock clock) {
        this.redis = redis;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** An attempt to make a call. The call is treated as running until {@link #keep} or {@link #giveUp}. */
    record Attempt(String caller, String index, String fingerprint, String name) {
        private String key() {
            return key(index);
        }

        private String key(String last) {
            return "postern:{idempotency:" + caller + "}:" + last;
        }

        private String[] keys() {
            return new String[]{key(), key("keys"), key("sizes")};
        }
    }

    /** A reply. */
    record Reply(int status, @Nullable String location, @Nullable String tag, String body) {}

    /** Identifies an attempt. Attempts of one caller with the same path and key belong to the same call. */
    Attempt attempt(Caller caller, String path, String key, byte[] body) {
        // The address is left out: a client may repeat its call from another one.
        String who = caller.actor().kind().word() + "\n" + caller.actor().name();
        String scope = who + "\n" + path + "\n" + key;
        return new Attempt(secrets.index("idempotency-caller", who), secrets.index("idempotency-key", scope),
                secrets.index("idempotency-body", scope + "\n" + new String(body, StandardCharsets.ISO_8859_1)),
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }

    /** Begins an attempt. Returns the reply if the call was made before; empty if it must be made now. */
    Mono<Optional<Reply>> begin(Attempt attempt) {
        return Mono.defer(() -> begin.list(redis, attempt.keys(), attempt.index(), attempt.fingerprint(),
                attempt.name(), Long.toString(clock.millis()), Long.toString(LONGEST_CALL.toMillis()),
                Integer.toString(MAX_KEYS_OF_CALLER), idle())).map(outcome -> switch (outcome.getFirst()) {
                    case "begun" -> Optional.empty();
                    case "done" -> Optional.of(open(attempt, outcome.get(1)));
                    case "not-kept" -> throw new ProblemException(Problem.IDEMPOTENCY_REPLY_NOT_KEPT,
                            "The call was made, but its reply was too large to keep. Read what it created.");
                    case "running" -> throw new ProblemException(Problem.IDEMPOTENCY_IN_PROGRESS,
                            "The first call with this Idempotency-Key has not ended, or was interrupted less than "
                                    + LONGEST_CALL.toSeconds() + " s ago.");
                    case "other" -> throw new ProblemException(Problem.IDEMPOTENCY_KEY_REUSED,
                            "The first call with this Idempotency-Key had another body.");
                    case "full" -> throw new ProblemException(Problem.LIMIT_REACHED, "More than " + MAX_KEYS_OF_CALLER
                            + " Idempotency-Keys were used within " + KEPT.toHours() + " hours.");
                    default -> throw unreadable(attempt);
                });
    }

    /** Keeps the reply to a call that was made. */
    Mono<Void> keep(Attempt attempt, Reply reply) {
        return Mono.defer(() -> {
            String text = JSON.writeValueAsString(JSON.createObjectNode().put("status", reply.status())
                    .put("location", reply.location()).put("tag", reply.tag()).put("body", reply.body()));
            return end(attempt, "done", text.length() > MAX_REPLY ? "" : secrets.seal(text, context(attempt)));
        });
    }

    /** Allows a call that changed nothing to be made again. */
    Mono<Void> giveUp(Attempt attempt) {
        return end(attempt, "undone", "");
    }

    /** If Redis does not answer, the caller still gets its reply; the call is then treated as interrupted. */
    private Mono<Void> end(Attempt attempt, String how, String sealed) {
        return Mono.defer(() -> end.number(redis, attempt.keys(), attempt.index(), attempt.fingerprint(),
                attempt.name(), Long.toString(clock.millis()), how, sealed, Long.toString(KEPT.toMillis()),
                Integer.toString(MAX_BYTES_OF_CALLER), idle()))
                .onErrorComplete(StoreUnavailableException.class).then();
    }

    private static String idle() {
        return Long.toString(KEPT.plusHours(1).toSeconds());
    }

    private Reply open(Attempt attempt, String sealed) {
        JsonNode json = JSON.readTree(secrets.open(sealed, context(attempt)));
        if (!(json instanceof ObjectNode)) {
            throw unreadable(attempt);
        }
        return new Reply(json.required("status").intValue(), text(json, "location"), text(json, "tag"),
                json.required("body").stringValue());
    }

    private static @Nullable String text(JsonNode json, String member) {
        JsonNode value = json.required(member);
        return value.isNull() ? null : value.stringValue();
    }

    private static UnreadableRecordException unreadable(Attempt attempt) {
        return new UnreadableRecordException("The record " + attempt.key() + " cannot be read.");
    }

    private static String context(Attempt attempt) {
        return "idempotent-reply:" + attempt.key();
    }
}
