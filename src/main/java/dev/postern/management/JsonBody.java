package dev.postern.management;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the body of a management call, or one line of an import, as a JSON object. Strict, since a lenient reader would
 * hide an operator's mistake: the size and the time are limited, the text must be UTF-8, and duplicate or unknown
 * members are refused. Error texts never contain what was sent, which may be a secret.
 */
final class JsonBody {
    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
    private static final String KEPT = JsonBody.class.getName();
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private JsonBody() {}

    /** Reads a body of at most {@code maxBody} bytes; an empty array when there is none. */
    static Mono<byte[]> bytes(ServerRequest request, int maxBody) {
        return request.attributes().get(KEPT) instanceof byte[] kept
                ? Mono.just(kept)
                : bytes(request.body(BodyExtractors.toDataBuffers()), maxBody);
    }

    static Mono<byte[]> bytes(Flux<DataBuffer> body, int maxBody) {
        return DataBufferUtils.join(body, maxBody)
                .onErrorMap(DataBufferLimitException.class, _ -> new ProblemException(Problem.BODY_TOO_LARGE,
                        "The body of this call may have at most " + maxBody + " bytes."))
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

    /** The same, and keeps the body for whoever reads it later. */
    static Mono<byte[]> keep(ServerRequest request, int maxBody) {
        return bytes(request, maxBody).doOnNext(bytes -> request.attributes().put(KEPT, bytes));
    }

    static ObjectNode empty() {
        return JSON.createObjectNode();
    }

    /** @param what the input's name in error texts: body or line */
    static JsonNode parse(String what, byte[] bytes, List<String> members) {
        JsonNode json = object(what, bytes);
        for (String present : json.propertyNames()) {
            if (!members.contains(present)) {
                // Do not quote its name: it may be a misplaced secret.
                throw JsonInput.invalid(
                        "The " + what + " has an unknown member; allowed are " + String.join(", ", members) + ".");
            }
        }
        return json;
    }

    /** The same with any members. */
    static ObjectNode object(String what, byte[] bytes) {
        JsonNode json;
        try {
            // Given bytes, Jackson would guess at UTF-16, and accept some malformed UTF-8.
            json = JSON.readTree(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException notUtf8) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The " + what + " is not UTF-8.");
        } catch (JacksonException malformed) {
            throw new ProblemException(Problem.REQUEST_MALFORMED,
                    "The " + what + " is not JSON" + place(what, malformed.getLocation()) + ".");
        }
        if (!(json instanceof ObjectNode object)) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "The " + what + " is not a JSON object.");
        }
        return object;
    }

    private static String place(String what, @Nullable TokenStreamLocation location) {
        if (location == null) {
            return "";
        }
        String column = "column " + location.getColumnNr();
        return what.equals("line") ? ": " + column : ": line " + location.getLineNr() + ", " + column;
    }
}
