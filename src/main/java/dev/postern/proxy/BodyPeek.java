package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.call.ClientGoneException;
import dev.postern.decision.ReadableBodies;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Reads a body, with limits on size and time, so that it can be inspected and still be forwarded byte for byte. */
final class BodyPeek {
    private final ReadableBodies readable;
    private final Duration readTimeout;

    BodyPeek(ReadableBodies readable, Duration readTimeout) {
        this.readable = readable;
        this.readTimeout = readTimeout;
    }

    /** The result of reading. */
    sealed interface Outcome {
        record Bytes(byte[] bytes) implements Outcome {}

        record Refused(AccessDecision.Denied denied) implements Outcome {}
    }

    Mono<Outcome> read(ServerHttpRequest request) {
        Optional<AccessDecision.Denied> refused = readable.refuse(request.getHeaders()::get,
                request.getHeaders().getContentLength());
        if (refused.isPresent()) {
            return Mono.just(new Outcome.Refused(refused.get()));
        }
        return DataBufferUtils.join(request.getBody(), (int) readable.maxBytes())
                .map(BodyPeek::take)
                .defaultIfEmpty(new byte[0])
                .<Outcome>map(Outcome.Bytes::new)
                .timeout(readTimeout)
                .onErrorResume(DataBufferLimitException.class,
                        _ -> Mono.just(new Outcome.Refused(readable.tooLarge())))
                .onErrorMap(failure -> failure instanceof AbortedException || failure instanceof IOException,
                        ClientGoneException::new)
                .onErrorResume(TimeoutException.class, _ -> Mono.just(new Outcome.Refused(
                        ReadableBodies.tooLate(readTimeout))));
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

    /** Returns the exchange with a body that can be read again: the bytes that were read. */
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
