package dev.postern.protocol;

import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers of JSON with a Content-Length, for clients that know no chunks; they hold secrets, and nobody is to keep them. */
public final class JsonAnswer {
    private static final JsonMapper JSON = JsonMapper.shared();

    private JsonAnswer() {}

    public static Mono<Void> write(ServerHttpResponse response, HttpStatusCode status, MediaType type,
            ObjectNode json) {
        byte[] body = JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
        response.setStatusCode(status);
        response.getHeaders().setContentType(type);
        response.getHeaders().setContentLength(body.length);
        response.getHeaders().setCacheControl("no-store");
        return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
