package dev.postern.proxy;

import dev.postern.access.DenyReason;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads a body, within bounds of size and time, and lets it be sent on byte for byte. */
final class BodyPeek {
    private final ForwardingSettings settings;

    BodyPeek(ForwardingSettings settings) {
        this.settings = settings;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Bytes(byte[] bytes) implements Outcome {}

        record Refused(DenyReason reason, String detail) implements Outcome {}
    }

    Mono<Outcome> read(ServerHttpRequest request) {
        String encoding = request.getHeaders().getFirst(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Mono.just(new Outcome.Refused(DenyReason.BODY_UNREADABLE,
                    "The ids in a body with a Content-Encoding are not looked for. Send it plain."));
        }
        long limit = settings.maxBodyRead().toBytes();
        if (request.getHeaders().getContentLength() > limit) {
            return Mono.just(tooLarge());
        }
        return DataBufferUtils.join(request.getBody(), (int) limit)
                .map(BodyPeek::take)
                .defaultIfEmpty(new byte[0])
                .<Outcome>map(Outcome.Bytes::new)
                .timeout(settings.bodyReadTimeout())
                .onErrorResume(DataBufferLimitException.class, _ -> Mono.just(tooLarge()))
                .onErrorResume(TimeoutException.class, _ -> Mono.just(new Outcome.Refused(DenyReason.BODY_TIMEOUT,
                        "The body did not arrive within " + settings.bodyReadTimeout().toMillis() + " ms.")));
    }

    private Outcome tooLarge() {
        return new Outcome.Refused(DenyReason.BODY_TOO_LARGE, "This credential is limited to data streams, and ids are"
                + " looked for in bodies up to " + settings.maxBodyRead().toBytes() + " bytes only.");
    }

    private static byte[] take(DataBuffer buffer) {
        try {
            byte[] bytes = new byte[buffer.readableByteCount()];
            buffer.read(bytes);
            return bytes;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    /** The exchange with the body that was read put back in its place. */
    static ServerWebExchange putBack(ServerWebExchange exchange, byte[] bytes) {
        ServerHttpRequest withBody = new ServerHttpRequestDecorator(exchange.getRequest()) {
            @Override
            public Flux<DataBuffer> getBody() {
                return bytes.length == 0
                        ? Flux.empty()
                        : Flux.defer(() -> Flux.just(exchange.getResponse().bufferFactory().wrap(bytes)));
            }
        };
        return exchange.mutate().request(withBody).build();
    }
}
