package dev.postern.proxy;

import dev.postern.access.DenyReason;
import dev.postern.catalog.ContentTypes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
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
import reactor.netty.channel.AbortedException;

/** Reads a body, with limits on size and time, so that it can be inspected and still be forwarded byte for byte. */
final class BodyPeek {
    private final ForwardingSettings settings;

    BodyPeek(ForwardingSettings settings) {
        this.settings = settings;
    }

    /** The result of reading. */
    sealed interface Outcome {
        record Bytes(byte[] bytes) implements Outcome {}

        record Refused(DenyReason reason, String detail) implements Outcome {}
    }

    Mono<Outcome> read(ServerHttpRequest request) {
        Optional<String> unreadable = whyUnreadable(request.getHeaders());
        if (unreadable.isPresent()) {
            return Mono.just(new Outcome.Refused(DenyReason.BODY_UNREADABLE, unreadable.get()));
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
                .onErrorMap(failure -> failure instanceof AbortedException || failure instanceof IOException,
                        ClientGoneException::new)
                .onErrorResume(TimeoutException.class, _ -> Mono.just(new Outcome.Refused(DenyReason.BODY_TIMEOUT,
                        "The body did not arrive within " + settings.bodyReadTimeout().toMillis() + " ms.")));
    }

    /** Why the backend might read something else in this body than the gate does; empty if it cannot. */
    private static Optional<String> whyUnreadable(HttpHeaders headers) {
        for (String encoding : headers.getOrDefault(HttpHeaders.CONTENT_ENCODING, List.of())) {
            if (!encoding.equalsIgnoreCase("identity")) {
                return Optional.of("The gate cannot read ids in a body with a Content-Encoding. Send it without one.");
            }
        }
        return ContentTypes.whyUnreadable(headers.getOrDefault(HttpHeaders.CONTENT_TYPE, List.of()));
    }

    private Outcome tooLarge() {
        return new Outcome.Refused(DenyReason.BODY_TOO_LARGE, "The permissions of this credential depend on ids in the"
                + " body, and the gate reads only bodies of up to " + settings.maxBodyRead().toBytes() + " bytes.");
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

    /** The exchange with the body that was read as its body again. */
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
