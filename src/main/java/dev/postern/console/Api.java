package dev.postern.console;

import dev.postern.management.InternalCalls;
import dev.postern.management.InternalReply;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Calls the management API for a visitor. The receipt of a change is attached to the visitor's request. */
final class Api {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
    /** The longest search term that lists accept. */
    static final int MAX_SEARCH = 64;

    private final InternalCalls calls;
    private final Clock clock;

    Api(InternalCalls calls, Clock clock) {
        this.calls = calls;
        this.clock = clock;
    }

    /** The API refused a call. The visitor is shown why. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String reason;

        private RefusedException(int status, String reason, String detail) {
            super(detail, null, false, false);
            this.status = status;
            this.reason = reason;
        }

        int status() {
            return status;
        }

        String reason() {
            return reason;
        }

        String detail() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * The path of a resource of an account, encoded.
     *
     * @param rest the segments below the account
     */
    static String path(String account, String... rest) {
        StringBuilder path = new StringBuilder("/api/v1/accounts/").append(segment(account));
        for (String each : rest) {
            path.append('/').append(segment(each));
        }
        return path.toString();
    }

    static String segment(String text) {
        return UriUtils.encode(text, StandardCharsets.UTF_8);
    }

    /** Reads a resource. Fails with {@link RefusedException} if the API refuses. */
    Mono<Map<String, Object>> get(ServerRequest request, String path) {
        return calls.get(Visitor.of(request).caller(), path).map(Api::succeeded).map(Api::map);
    }

    /** A resource with the tag of its current state. */
    record Tagged(Map<String, Object> resource, String tag) {}

    /** Reads a resource and its tag. Fails with {@link RefusedException} if the API refuses. */
    Mono<Tagged> getTagged(ServerRequest request, String path) {
        return calls.get(Visitor.of(request).caller(), path).map(reply -> new Tagged(map(succeeded(reply)),
                Optional.ofNullable(reply.headers().getETag()).orElse("")));
    }

    /**
     * Replaces a resource, with a receipt, if it is still as the visitor saw it.
     *
     * @param tag of the state that the visitor saw; empty to replace any state
     */
    Mono<Map<String, Object>> replace(ServerRequest request, String path, String tag, ObjectNode body) {
        HttpHeaders headers = new HttpHeaders();
        if (!tag.isEmpty()) {
            headers.set(HttpHeaders.IF_MATCH, tag);
        }
        return calls.send(Visitor.of(request).caller(), HttpMethod.PUT, path + "?receipt=true", headers, body)
                .map(reply -> changed(request, reply));
    }

    /** Creates or changes something, with a receipt. Fails with {@link RefusedException} if the API refuses. */
    Mono<Map<String, Object>> send(ServerRequest request, HttpMethod method, String path, ObjectNode body) {
        return calls.send(Visitor.of(request).caller(), method, path + "?receipt=true", new HttpHeaders(), body)
                .map(reply -> changed(request, reply));
    }

    /** Asks a question, which changes nothing. Fails with {@link RefusedException} if the API refuses. */
    Mono<Map<String, Object>> ask(ServerRequest request, String path, ObjectNode question) {
        return calls.send(Visitor.of(request).caller(), HttpMethod.POST, path, new HttpHeaders(), question)
                .map(Api::succeeded).map(Api::map);
    }

    /** Sends lines of JSON, and returns the reply, even if it is an error. */
    Mono<InternalReply> sendLines(ServerRequest request, String path, byte[] lines) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_NDJSON);
        headers.setAccept(List.of(MediaType.APPLICATION_JSON));
        return calls.call(Visitor.of(request).caller(), HttpMethod.POST, path, headers, lines);
    }

    /**
     * Streams a document to the API, and returns the final reply. Fails with {@link RefusedException} if the API
     * refuses.
     */
    Mono<Map<String, Object>> upload(ServerRequest request, String path, Flux<DataBuffer> document) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_NDJSON);
        headers.setAccept(List.of(MediaType.APPLICATION_JSON));
        return calls.upload(Visitor.of(request).caller(), path, headers, document)
                .map(reply -> changed(request, reply));
    }

    /** Streams a long file from the API to the visitor. Fails with {@link RefusedException} if the API refuses. */
    Mono<ServerResponse> stream(ServerRequest request, String path) {
        return calls.download(Visitor.of(request).caller(), path, request.exchange().getResponse()).map(reply -> {
            succeeded(reply);
            return new WrittenResponse(reply.status());
        });
    }

    /** Deletes something, with a receipt. */
    Mono<Map<String, Object>> delete(ServerRequest request, String path) {
        return calls.call(Visitor.of(request).caller(), HttpMethod.DELETE, path + "?receipt=true", new HttpHeaders(),
                new byte[0]).map(reply -> changed(request, reply));
    }

    /** Passes on a file from the API, with its name. */
    Mono<ServerResponse> download(ServerRequest request, String path) {
        return calls.get(Visitor.of(request).caller(), path).flatMap(reply -> {
            succeeded(reply);
            return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON)
                    .header(HttpHeaders.CONTENT_DISPOSITION,
                            reply.headers().getOrEmpty(HttpHeaders.CONTENT_DISPOSITION).toArray(String[]::new))
                    .cacheControl(CacheControl.noStore()).bodyValue(reply.body());
        });
    }

    /** The object in a reply. Fails with {@link RefusedException} if the API refused. */
    static Map<String, Object> read(InternalReply reply) {
        return map(succeeded(reply));
    }

    private Map<String, Object> changed(ServerRequest request, InternalReply reply) {
        Map<String, Object> result = read(reply);
        Receipt.attach(request, result, clock);
        return result;
    }

    private static ObjectNode succeeded(InternalReply reply) {
        ObjectNode json = reply.object().orElseGet(JSON::createObjectNode);
        if (!reply.status().is2xxSuccessful()) {
            throw new RefusedException(reply.status().value(), text(json, "reason"), text(json, "detail"));
        }
        return json;
    }

    private static String text(ObjectNode json, String name) {
        JsonNode value = json.get(name);
        return value == null || !value.isString() ? "" : value.stringValue();
    }

    private static Map<String, Object> map(ObjectNode json) {
        return JSON.convertValue(json, MAP);
    }

    /** The list under this name in a reply. */
    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Map<String, Object> reply, String name) {
        return reply.get(name) instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }
}
