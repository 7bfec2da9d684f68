package dev.postern.account;

import dev.postern.access.AccountId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Reads the members of a stored record strictly. Anything that this version would not write is an
 * {@link IllegalArgumentException}.
 */
public record RecordJson(JsonNode json) {
    /** Rejects unknown members. One of them may be a limit, and ignoring it would permit more than the record says. */
    public RecordJson requireOnly(String... members) {
        List<String> known = List.of(members);
        for (String present : json.propertyNames()) {
            if (!known.contains(present)) {
                throw new IllegalArgumentException("unknown member");
            }
        }
        return this;
    }

    /** Two lists of members in one. */
    public static String[] and(String[] members, String... more) {
        return Stream.concat(Stream.of(members), Stream.of(more)).toArray(String[]::new);
    }

    JsonNode required(String member) {
        return json.required(member);
    }

    public String string(String member) {
        return string(json.required(member));
    }

    public Optional<String> optionalString(String member) {
        return Optional.ofNullable(json.get(member)).map(RecordJson::string);
    }

    public AccountId account() {
        return new AccountId(string("account"));
    }

    public boolean flag(String member) {
        JsonNode value = json.required(member);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException(member + " is neither true nor false");
        }
        return value.booleanValue();
    }

    public int number(String member) {
        JsonNode value = json.required(member);
        if (!value.isInt()) {
            throw new IllegalArgumentException(member + " is not a number");
        }
        return value.intValue();
    }

    /** Milliseconds since 1970. */
    public Instant time(String member) {
        JsonNode value = json.required(member);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException(member + " is not a time");
        }
        return Instant.ofEpochMilli(value.longValue());
    }

    public Optional<Instant> optionalTime(String member) {
        return json.has(member) ? Optional.of(time(member)) : Optional.empty();
    }

    public JsonNode array(String member) {
        JsonNode value = json.required(member);
        if (!value.isArray()) {
            throw new IllegalArgumentException(member + " is not a list");
        }
        return value;
    }

    public List<String> strings(String member) {
        List<String> strings = new ArrayList<>();
        array(member).forEach(entry -> strings.add(string(entry)));
        return List.copyOf(strings);
    }

    /** Empty if the member is missing. */
    public List<String> optionalStrings(String member) {
        return json.has(member) ? strings(member) : List.of();
    }

    public boolean has(String member) {
        return json.has(member);
    }

    /** Unlike {@link JsonNode#stringValue()}, does not convert a JSON null to a Java null. */
    static String string(JsonNode value) {
        if (!value.isString()) {
            throw new IllegalArgumentException("not a string");
        }
        return value.stringValue();
    }
}
