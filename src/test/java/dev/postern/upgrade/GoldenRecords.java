package dev.postern.upgrade;

import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a gate has written into Redis: as JSON, back into a Redis, and the forms in which it was written. */
final class GoldenRecords {
    private static final JsonMapper JSON = JsonMapper.shared();
    /**
     * No decision depends on these, they are written some time after a call, or they are about one gate. HyperLogLogs
     * have the form of Redis.
     */
    private static final Pattern LEFT_OUT = Pattern.compile(".*:(gates|beats|mark|credentials-used|secrets-used"
            + "|credential-calls.*|old-secret-.*|active:.*|credentials-gone|running)|postern:licenses-.*");
    /** Written when a gate starts. */
    private static final Set<String> OF_THE_START = Set.of("postern:secret-keys", "postern:first-operator");
    private static final Pattern INDEX = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Pattern CREDENTIAL_ID = Pattern.compile("[A-Za-z0-9_-]{22}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{32,64}");
    private static final Pattern ACCOUNT = Pattern.compile("account-\\d+");
    private static final Pattern DEVICE = Pattern.compile("(lamp|car-|bell-)<account>|lampaccount\\d+");
    private static final Pattern BUCKET = Pattern.compile("device-owners:\\d+");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
    private static final Pattern STREAM_ID = Pattern.compile("\\d+-\\d+");

    private GoldenRecords() {}

    /** Everything that is in a Redis. */
    static ArrayNode read(int port) {
        ArrayNode records = JSON.createArrayNode();
        RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
        try (var connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            for (String key : new TreeSet<>(commands.keys("postern:*"))) {
                if (!LEFT_OUT.matcher(key).matches()) {
                    ObjectNode record = records.addObject().put("key", key);
                    String type = commands.type(key);
                    switch (type) {
                        case "string" -> record.put(type, commands.get(key));
                        case "hash" -> {
                            ObjectNode fields = record.putObject(type);
                            new TreeMap<>(commands.hgetall(key)).forEach(fields::put);
                        }
                        case "zset" -> {
                            ObjectNode scores = record.putObject(type);
                            for (ScoredValue<String> entry : commands.zrangeWithScores(key, 0, -1)) {
                                scores.put(entry.getValue(), entry.getScore() == Double.POSITIVE_INFINITY
                                        ? "inf"
                                        : Long.toString((long) entry.getScore()));
                            }
                        }
                        case "stream" -> {
                            ObjectNode entries = record.putObject(type);
                            for (StreamMessage<String, String> entry : commands.xrange(key, Range.unbounded())) {
                                ObjectNode fields = entries.putObject(entry.getId());
                                entry.getBody().forEach(fields::put);
                            }
                        }
                        default -> throw new IllegalStateException(key + " is a " + type);
                    }
                }
            }
        } finally {
            client.shutdown();
        }
        return records;
    }

    /** Writes them into a Redis. */
    static void write(int port, JsonNode records) {
        RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
        try (var connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            for (JsonNode record : records) {
                String key = record.required("key").stringValue();
                if (record.has("string")) {
                    commands.set(key, record.required("string").stringValue());
                }
                record.path("hash").forEachEntry((field, value) -> commands.hset(key, field, value.stringValue()));
                record.path("zset").forEachEntry((member, score) -> commands.zadd(key,
                        score.stringValue().equals("inf")
                                ? Double.POSITIVE_INFINITY
                                : Long.parseLong(score.stringValue()),
                        member));
                record.path("stream").forEachEntry((id, fields) -> {
                    Map<String, String> body = new TreeMap<>();
                    fields.forEachEntry((field, value) -> body.put(field, value.stringValue()));
                    commands.xadd(key, new XAddArgs().id(id), body);
                });
            }
        } finally {
            client.shutdown();
        }
    }

    /** The forms of records, one line each. IDs, times and secrets are left out. */
    static Set<String> forms(JsonNode records) {
        Set<String> forms = new TreeSet<>();
        for (JsonNode record : records) {
            if (OF_THE_START.contains(record.required("key").stringValue())) {
                continue;
            }
            String key = place(record.required("key").stringValue());
            if (record.has("string")) {
                forms.add(key + " = " + form(record.required("string").stringValue()));
            }
            for (String type : List.of("hash", "zset")) {
                record.path(type).forEachEntry((field, value) -> forms.add(key + " " + type + " " + place(field) + " = "
                        + form(value.stringValue())));
            }
            record.path("stream").forEachEntry((_, fields) -> {
                Set<String> each = new TreeSet<>();
                fields.forEachEntry((field, value) -> each.add(place(field) + " = " + form(value.stringValue())));
                forms.add(key + " stream " + each);
            });
        }
        return forms;
    }

    private static String place(String text) {
        String place = ACCOUNT.matcher(text).replaceAll("<account>");
        place = DEVICE.matcher(place).replaceAll("<device>");
        place = INDEX.matcher(place).replaceAll("<index>");
        place = CREDENTIAL_ID.matcher(place).replaceAll("<credential>");
        place = HASH.matcher(place).replaceAll("<hash>");
        place = BUCKET.matcher(place).replaceAll("device-owners:<bucket>");
        place = STREAM_ID.matcher(place).matches() ? "<entry>" : place;
        return NUMBER.matcher(place).matches() ? "<number>" : place;
    }

    private static String form(String text) {
        if (text.startsWith("{")) {
            try {
                return form(JSON.readTree(text));
            } catch (JacksonException notJson) {
                return "text";
            }
        }
        if (text.startsWith("1|")) {
            return "1|"
                    + text.split("\\|", -1)[1].replaceAll("^(?!free|paid|requested|approved|refused|done|running).*",
                            "…")
                    + ", " + Math.min(text.split("\\|", -1).length, 6) + " parts";
        }
        if (text.equals("c") || text.equals("m") || text.equals("inf")) {
            return text;
        }
        if (text.startsWith("e ")) {
            return "e, " + text.length() + " characters";
        }
        return NUMBER.matcher(text).matches() ? "number" : "text";
    }

    private static String form(JsonNode json) {
        return switch (json.getNodeType()) {
            case OBJECT -> {
                Map<String, String> members = new TreeMap<>();
                json.forEachEntry((member, value) -> members.put(place(member),
                        member.equals("v") || member.equals("kind") ? value.asString() : form(value)));
                yield members.toString();
            }
            case ARRAY -> {
                Set<String> entries = new TreeSet<>();
                json.forEach(entry -> entries.add(form(entry)));
                yield entries.toString();
            }
            default -> json.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }
}
