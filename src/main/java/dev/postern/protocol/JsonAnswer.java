package dev.postern.protocol;

import java.nio.ByteBuffer;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes JSON answers. They have a Content-Length for clients that do not support chunked encoding, and are not
 * cacheable because they contain secrets.
 */
public final class JsonAnswer {
    private static final JsonMapper JSON = JsonMapper.shared();
    /**
     * The number of bytes handed to the connection at a time. While an event loop writes a larger piece, it serves no
     * other connection.
     */
    private static final int PIECE = 64 * 1024;

    private JsonAnswer() {}

    public static Mono<Void> write(ServerHttpResponse response, HttpStatusCode status, MediaType type,
            ObjectNode json) {
        byte[] body = JSON.writeValueAsBytes(json);
        response.setStatusCode(status);
        response.getHeaders().setContentType(type);
        response.getHeaders().setContentLength(body.length);
        response.getHeaders().setCacheControl("no-store");
        return response.writeWith(body.length <= PIECE
                ? Mono.fromSupplier(() -> response.bufferFactory().wrap(body))
                : Flux.range(0, Math.ceilDiv(body.length, PIECE)).map(piece -> response.bufferFactory()
                        .wrap(ByteBuffer.wrap(body, piece * PIECE, Math.min(PIECE, body.length - piece * PIECE)))));
    }
}
