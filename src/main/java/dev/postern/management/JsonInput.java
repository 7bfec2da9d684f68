package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.access.Rule;
import dev.postern.credential.RuleJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON object sent to the management API. Read strictly; every complaint names the member. */
final class JsonInput {
    private static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_NAME = 128;
    private static final String NO_ID = " is not an id of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -";
    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final JsonNode json;

    private JsonInput(JsonNode json) {
        this.json = json;
    }

    /**
     * Reads the body.
     *
     * @param members the members that it may have; any other is refused, so that a misspelt one does not go unnoticed
     */
    static Mono<JsonInput> read(ServerRequest request, String... members) {
        return read(request, MAX_BODY, members);
    }

    /** The same for calls that need no body. */
    static Mono<JsonInput> readOrNothing(ServerRequest request, String... members) {
        return bytes(request, MAX_BODY).map(
                bytes -> bytes.length == 0 ? new JsonInput(JSON.createObjectNode()) : parseBody(bytes, members));
    }

    /** Reads a body of at most so many bytes. */
    static Mono<JsonInput> read(ServerRequest request, int maxBody, String... members) {
        return bytes(request, maxBody).map(bytes -> parseBody(bytes, members));
    }

    private static Mono<byte[]> bytes(ServerRequest request, int maxBody) {
        return DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), maxBody)
                .onErrorMap(DataBufferLimitException.class, _ -> new ProblemException(Problem.BODY_TOO_LARGE,
                        "A body of this call may have " + maxBody + " bytes."))
                .timeout(READ_LIMIT, Mono.error(() -> new ProblemException(Problem.REQUEST_MALFORMED,
                        "The body did not arrive within " + READ_LIMIT.toSeconds() + " s.")))
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0]);
    }

    private static JsonInput parseBody(byte[] bytes, String... members) {
        return parse("body", bytes, List.of(members));
    }

    /** Reads one of many lines. Its complaints say nothing of its number. */
    static JsonInput parseLine(byte[] bytes, List<String> members) {
        return parse("line", bytes, members);
    }

    private static JsonInput parse(String what, byte[] bytes, List<String> members) {
        JsonNode json;
        try {
            // Read from bytes, Jackson would guess at UTF-16 and let broken UTF-8 pass in places.
            json = JSON.readTree(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException notUtf8) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The " + what + " is not UTF-8.");
        } catch (JacksonException malformed) {
            throw new ProblemException(Problem.REQUEST_MALFORMED,
                    "The " + what + " is not JSON" + place(what, malformed.getLocation()) + ".");
        }
        if (json == null || !json.isObject()) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The " + what + " is not a JSON object.");
        }
        for (String present : json.propertyNames()) {
            if (!members.contains(present)) {
                // Not named: what stands in the wrong place may be a secret.
                throw invalid("A member is not known; known are " + String.join(", ", members) + ".");
            }
        }
        return new JsonInput(json);
    }

    private static String place(String what, @Nullable TokenStreamLocation location) {
        if (location == null) {
            return "";
        }
        String column = "column " + location.getColumnNr();
        return what.equals("line") ? ": " + column : ": line " + location.getLineNr() + ", " + column;
    }

    AccountId accountId(String member) {
        String text = string(member);
        if (!AccountId.isValid(text)) {
            throw invalid(member + NO_ID);
        }
        return new AccountId(text);
    }

    /** An id of a project or user; empty when it is left out. */
    Optional<String> groupId(String member) {
        Optional<String> text = optionalString(member);
        if (text.isPresent() && !DeviceGroup.isValid(text.get())) {
            throw invalid(member + NO_ID);
        }
        return text;
    }

    /** A name for people: not blank, of at most 128 characters, all of them visible in some way. */
    String name(String member) {
        String text = string(member);
        if (text.isBlank() || text.length() > MAX_NAME) {
            throw invalid(member + " is not of 1 to " + MAX_NAME + " characters");
        }
        return visible(member, text);
    }

    /** A text for people; empty when it is left out. */
    Optional<String> optionalText(String member, int max) {
        return optionalString(member).map(text -> {
            if (text.length() > max) {
                throw invalid(member + " has more than " + max + " characters");
            }
            return visible(member, text);
        });
    }

    private static String visible(String member, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw invalid(member + " holds a control character");
        }
        if (text.codePoints().anyMatch(code -> code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
            throw invalid(member + " holds half a character");
        }
        return text;
    }

    String string(String member) {
        JsonNode value = required(member);
        if (!value.isString()) {
            throw invalid(member + " is not a string");
        }
        return value.stringValue();
    }

    /** Empty when it is left out; null is not leaving out. */
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

    /** A whole number from 1 on. */
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
     * A list of ids.
     *
     * @param max how many entries it may have
     */
    <T> Set<T> ids(String member, int max, Predicate<String> isValid, Function<String, T> make) {
        JsonNode list = required(member);
        return valid(() -> RuleJson.ids(member, list, max, isValid, make));
    }

    List<Rule> rules(String member) {
        JsonNode list = required(member);
        return valid(() -> RuleJson.read(member, list));
    }

    /** What something else makes of a member; its complaint is the caller's to hear. */
    static <T> T valid(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException wrong) {
            throw invalid(String.valueOf(wrong.getMessage()));
        }
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
            // Where it may be left out, "missing" would mislead.
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

    /** A moment such as 2026-11-22T00:00:00Z, or the beginning of a day such as 2026-11-22, in UTC; empty when it is left out. */
    Optional<Instant> optionalInstant(String member) {
        return optionalString(member).map(text -> {
            try {
                Instant instant = text.length() == 10
                        ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                        : Instant.parse(text);
                // Times are stored in milliseconds, which an Instant can be far beyond.
                if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LATEST)) {
                    throw invalid(member + " is not within the years 1970 to 9999");
                }
                return instant;
            } catch (DateTimeException notATime) {
                throw invalid(
                        member + " is neither a moment such as 2026-11-22T00:00:00Z nor a day such as 2026-11-22");
            }
        });
    }

    /** One of some words; empty when it is left out. */
    <T> Optional<T> optionalWord(String member, List<T> words, Function<T, String> word) {
        return optionalString(member).map(text -> words.stream().filter(one -> word.apply(one).equals(text)).findFirst()
                .orElseThrow(() -> invalid(member + " is none of "
                        + String.join(", ", words.stream().map(word).toList()))));
    }

    DeviceId deviceId(String member) {
        String text = string(member);
        if (!DeviceId.isValid(text)) {
            throw invalid(member + NO_ID);
        }
        return new DeviceId(text);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(Problem.FIELD_INVALID, detail);
    }
}
