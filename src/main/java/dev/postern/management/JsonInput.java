package dev.postern.management;

import dev.postern.access.AccountId;
import java.time.Duration;
import java.util.List;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON object sent to the management API. Read strictly; every complaint names the member. */
final class JsonInput {
    private static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_NAME = 128;
    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
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
        return DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), MAX_BODY)
                .onErrorMap(DataBufferLimitException.class, _ -> new ProblemException(Problem.BODY_TOO_LARGE,
                        "A body may have " + MAX_BODY + " bytes."))
                .timeout(READ_LIMIT, Mono.error(() -> new ProblemException(Problem.REQUEST_MALFORMED,
                        "The body did not arrive within " + READ_LIMIT.toSeconds() + " s.")))
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0])
                .map(bytes -> parse(bytes, List.of(members)));
    }

    private static JsonInput parse(byte[] bytes, List<String> members) {
        JsonNode json;
        try {
            json = JSON.readTree(bytes);
        } catch (JacksonException malformed) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The body is not JSON"
                    + (malformed.getLocation() == null
                            ? ""
                            : ": line " + malformed.getLocation().getLineNr()
                                    + ", column " + malformed.getLocation().getColumnNr())
                    + ".");
        }
        if (json == null || !json.isObject()) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The body is not a JSON object.");
        }
        for (String present : json.propertyNames()) {
            if (!members.contains(present)) {
                throw new ProblemException(Problem.FIELD_INVALID,
                        "A member is not known; known are " + String.join(", ", members) + ".");
            }
        }
        return new JsonInput(json);
    }

    AccountId accountId(String member) {
        String text = string(member);
        if (!AccountId.isValid(text)) {
            throw new ProblemException(Problem.FIELD_INVALID,
                    member + " is not an id of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -");
        }
        return new AccountId(text);
    }

    /** A name for people: not blank, of at most 128 characters, none of them a control character. */
    String name(String member) {
        String text = string(member);
        if (text.isBlank() || text.length() > MAX_NAME) {
            throw new ProblemException(Problem.FIELD_INVALID,
                    member + " is not of 1 to " + MAX_NAME + " characters");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ProblemException(Problem.FIELD_INVALID, member + " holds a control character");
        }
        return text;
    }

    private String string(String member) {
        JsonNode value = json.get(member);
        if (value == null || value.isNull()) {
            throw new ProblemException(Problem.FIELD_INVALID, member + " is missing");
        }
        if (!value.isString()) {
            throw new ProblemException(Problem.FIELD_INVALID, member + " is not a string");
        }
        return value.stringValue();
    }
}
