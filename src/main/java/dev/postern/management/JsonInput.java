package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.Rule;
import dev.postern.credential.RuleJson;
import dev.postern.management.contract.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * A JSON object sent to the management API, read member by member. {@link JsonBody} reads the text. A member that is
 * missing or invalid is a {@link ProblemException} that names the member.
 */
final class JsonInput {
    private static final String NO_ID = " is not a valid ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -";

    private final JsonNode json;

    private JsonInput(JsonNode json) {
        this.json = json;
    }

    /** Reads the body with the members that the operation declares. A misspelt member is refused, not ignored. */
    static Mono<JsonInput> read(ServerRequest request) {
        Operation operation = Operation.of(request.attributes());
        return JsonBody.bytes(request, operation.maxBody()).map(bytes -> new JsonInput(
                bytes.length == 0 && operation.has(Operation.Trait.BODY_OPTIONAL)
                        ? JsonBody.empty()
                        : JsonBody.parse("body", bytes, operation.memberNames())));
    }

    /**
     * Reads an object inside the body. Errors in its members do not say where the object is.
     *
     * @param where the name of the object
     */
    static JsonInput nested(String where, JsonNode json, List<String> members) {
        if (!json.isObject()) {
            throw invalid(where + " is not a JSON object");
        }
        if (!members.containsAll(json.propertyNames())) {
            throw invalid(where + " has an unknown member; allowed are " + String.join(", ", members));
        }
        return new JsonInput(json);
    }

    /** Reads one of many lines. The error texts do not contain the line number. */
    static JsonInput parseLine(byte[] bytes, List<String> members) {
        return new JsonInput(JsonBody.parse("line", bytes, members));
    }

    AccountId accountId(String member) {
        String text = string(member);
        if (!AccountId.isValid(text)) {
            throw invalid(member + NO_ID);
        }
        return new AccountId(text);
    }

    /** The ID of a project or user; empty when it is left out. */
    Optional<String> groupId(String member) {
        Optional<String> text = optionalString(member);
        if (text.isPresent() && !DeviceGroup.isValid(text.get())) {
            throw invalid(member + NO_ID);
        }
        return text;
    }

    /** A display name: not blank, at most 128 characters, no control characters. */
    String name(String member) {
        return DisplayText.name(member, string(member));
    }

    /** A display text; empty when it is left out. */
    Optional<String> optionalText(String member, int max) {
        return optionalString(member).map(text -> DisplayText.text(member, text, max));
    }

    String string(String member) {
        JsonNode value = required(member);
        if (!value.isString()) {
            throw invalid(member + " is not a string");
        }
        return value.stringValue();
    }

    /** Empty when it is left out; an explicit null is an error. */
    Optional<String> optionalString(String member) {
        return json.has(member) ? Optional.of(string(member)) : Optional.empty();
    }

    boolean flag(String member, boolean leftOut) {
        if (!json.has(member)) {
            return leftOut;
        }
        JsonNode value = required(member);
        if (!value.isBoolean()) {
            throw invalid(member + " is neither true nor false");
        }
        return value.booleanValue();
    }

    /** A whole number from 1 to {@code max}. */
    int number(String member, int max) {
        JsonNode value = required(member);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > max) {
            throw invalid(member + " is not a whole number from 1 to " + max);
        }
        return value.intValue();
    }

    /** Empty when it is left out. */
    Optional<Integer> optionalNumber(String member, int max) {
        return json.has(member) ? Optional.of(number(member, max)) : Optional.empty();
    }

    /**
     * A list of IDs.
     *
     * @param max the largest number of entries
     */
    <T> Set<T> ids(String member, int max, Predicate<String> isValid, Function<String, T> make) {
        JsonNode list = required(member);
        return valid(() -> RuleJson.ids(member, list, max, isValid, make));
    }

    List<Rule> rules(String member) {
        JsonNode list = required(member);
        return valid(() -> RuleJson.read(member, list));
    }

    /** Runs a parser, and turns its IllegalArgumentException into an error for the caller. */
    static <T> T valid(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException wrong) {
            throw invalid(String.valueOf(wrong.getMessage()));
        }
    }

    boolean isNull(String member) {
        return json.has(member) && json.required(member).isNull();
    }

    boolean has(String member) {
        return json.has(member);
    }

    JsonNode required(String member) {
        JsonNode value = json.get(member);
        if (value == null) {
            throw invalid(member + " is missing");
        }
        if (value.isNull()) {
            // If the member is optional, "missing" would be misleading.
            throw invalid(member + " is null");
        }
        return value;
    }

    /** A whole number; empty when it is left out. */
    OptionalInt optionalNumber(String member, int least, int most) {
        if (!json.has(member)) {
            return OptionalInt.empty();
        }
        JsonNode value = required(member);
        if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
            throw invalid(member + " is not a whole number from " + least + " to " + most);
        }
        return OptionalInt.of(value.intValue());
    }

    /**
     * A time such as 2026-11-22T00:00:00Z, or a day such as 2026-11-22, which means its start in UTC; empty when it is
     * left out.
     */
    Optional<Instant> optionalInstant(String member) {
        return optionalString(member).map(text -> InstantText.parse(member, text));
    }

    /** One of the given words; empty when it is left out. */
    <T> Optional<T> optionalWord(String member, List<T> words, Function<T, String> word) {
        return optionalString(member).map(text -> words.stream().filter(one -> word.apply(one).equals(text)).findFirst()
                .orElseThrow(() -> invalid(member + " is not one of "
                        + String.join(", ", words.stream().map(word).toList()))));
    }

    DeviceId deviceId(String member) {
        String text = string(member);
        if (!DeviceId.isValid(text)) {
            throw invalid(member + NO_ID);
        }
        return new DeviceId(text);
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(Problem.FIELD_INVALID, detail);
    }
}
