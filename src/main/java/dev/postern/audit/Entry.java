package dev.postern.audit;

import dev.postern.access.AccountId;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One entry of the log: the beginning of a change, or its end. A change that has ended has both, unless its end could
 * not be written.
 */
sealed interface Entry {
    JsonMapper JSON = JsonMapper.shared();
    int VERSION = 1;

    Instant at();

    /** The change was about to be made. */
    record Begun(Instant at, Change change) implements Entry {
        @Override
        public void write(ObjectNode json) {
            ObjectNode actor = json.putObject("actor");
            actor.put("kind", change.actor().kind().word()).put("name", change.actor().name()).put("source",
                    change.actor().source());
            json.put("action", change.action()).put("target", change.target());
            change.account().ifPresent(account -> json.put("account", account.value()));
            putIfPresent(json, "before", change.before());
            putIfPresent(json, "request", change.request());
        }
    }

    /**
     * The change ended.
     *
     * @param of     the sequence number of the beginning
     * @param status the status of the reply
     * @param after  what the reply showed; null if nothing
     */
    record Ended(Instant at, long of, Outcome outcome, int status, @Nullable ObjectNode after) implements Entry {
        @Override
        public void write(ObjectNode json) {
            json.put("of", of).put("outcome", outcome.word()).put("status", status);
            putIfPresent(json, "after", after);
        }
    }

    void write(ObjectNode json);

    private static void putIfPresent(ObjectNode json, String name, @Nullable ObjectNode value) {
        if (value != null) {
            json.set(name, value);
        }
    }

    /** @param sequence its place in the log, which is part of what the chain protects */
    default String encode(long sequence) {
        ObjectNode json = JSON.createObjectNode().put("v", VERSION).put("seq", sequence).put("at", at().toEpochMilli());
        write(json);
        return JSON.writeValueAsString(json);
    }

    /** @throws UnreadableRecordException if the record is corrupt, or has another version or sequence number */
    static Entry decode(long sequence, String record) {
        try {
            JsonNode json = JSON.readTree(record);
            if (json.required("v").intValue() != VERSION || json.required("seq").longValue() != sequence) {
                throw unreadable(sequence);
            }
            Instant at = Instant.ofEpochMilli(json.required("at").longValue());
            if (json.has("of")) {
                return new Ended(at, json.required("of").longValue(),
                        Outcome.of(json.required("outcome").stringValue()), json.required("status").intValue(),
                        object(json, "after"));
            }
            JsonNode actor = json.required("actor");
            return new Begun(at, new Change(
                    new Actor(Actor.Kind.of(actor.required("kind").stringValue()),
                            actor.required("name").stringValue(), actor.required("source").stringValue()),
                    json.required("action").stringValue(), json.required("target").stringValue(),
                    Optional.ofNullable(json.get("account")).map(account -> new AccountId(account.stringValue())),
                    object(json, "before"), object(json, "request")));
        } catch (JacksonException | IllegalArgumentException | NoSuchElementException corrupt) {
            throw unreadable(sequence);
        }
    }

    private static UnreadableRecordException unreadable(long sequence) {
        return new UnreadableRecordException("The entry " + sequence + " of " + AuditKeys.ENTRIES
                + " cannot be read.");
    }

    private static @Nullable ObjectNode object(JsonNode json, String name) {
        return json.get(name) instanceof ObjectNode found ? found : null;
    }
}
