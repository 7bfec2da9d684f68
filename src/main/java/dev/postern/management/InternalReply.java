package dev.postern.management;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The reply to a call of {@link InternalCalls}. */
public record InternalReply(HttpStatusCode status, HttpHeaders headers, byte[] body) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The JSON object in the body of a successful reply; empty for any other reply. */
    public Optional<ObjectNode> json() {
        return status.is2xxSuccessful() ? object() : Optional.empty();
    }

    /** The JSON object in the body, which is a problem if the reply is not successful; empty if there is none. */
    public Optional<ObjectNode> object() {
        try {
            return body.length > 0 && JSON.readTree(body) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JacksonException other) {
            return Optional.empty();
        }
    }

    /** Collects the reply instead of sending it. */
    static class Recorder extends AbstractServerHttpResponse {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Recorder(DataBufferFactory buffers) {
            super(buffers);
        }

        InternalReply reply() {
            HttpStatusCode status = getStatusCode();
            return new InternalReply(status == null ? HttpStatusCode.valueOf(200) : status, getHeaders(),
                    body.toByteArray());
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <T> T getNativeResponse() {
            return (T) this;
        }

        @Override
        protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> buffers) {
            return Flux.from(buffers).doOnNext(buffer -> {
                byte[] bytes = new byte[buffer.readableByteCount()];
                buffer.read(bytes);
                DataBufferUtils.release(buffer);
                body.writeBytes(bytes);
            }).then();
        }

        @Override
        protected Mono<Void> writeAndFlushWithInternal(
                Publisher<? extends Publisher<? extends DataBuffer>> buffers) {
            return Flux.from(buffers).concatMap(this::writeWithInternal).then();
        }

        @Override
        protected void applyStatusCode() {
            // It is read from the response itself.
        }

        @Override
        protected void applyHeaders() {
            // They are read from the response itself.
        }

        @Override
        protected void applyCookies() {
            // The API sets none.
        }
    }

    /** Passes a successful reply on to a client, and collects any other. */
    static final class Relay extends Recorder {
        private static final List<String> HEADERS = List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.CONTENT_DISPOSITION,
                HttpHeaders.CACHE_CONTROL);

        private final ServerHttpResponse client;

        Relay(DataBufferFactory buffers, ServerHttpResponse client) {
            super(buffers);
            this.client = client;
        }

        private boolean isPassedOn() {
            HttpStatusCode status = getStatusCode();
            if (status != null && !status.is2xxSuccessful()) {
                return false;
            }
            client.setStatusCode(status);
            HEADERS.forEach(name -> getHeaders().getOrEmpty(name)
                    .forEach(value -> client.getHeaders().set(name, value)));
            return true;
        }

        @Override
        protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> buffers) {
            return isPassedOn() ? client.writeWith(buffers) : super.writeWithInternal(buffers);
        }

        @Override
        protected Mono<Void> writeAndFlushWithInternal(
                Publisher<? extends Publisher<? extends DataBuffer>> buffers) {
            return isPassedOn() ? client.writeAndFlushWith(buffers) : super.writeAndFlushWithInternal(buffers);
        }
    }
}
