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

    /** Why nobody could be sure to read the same in this body as the backend does. */
    private static Optional<String> whyUnreadable(HttpHeaders headers) {
        for (String encoding : headers.getOrDefault(HttpHeaders.CONTENT_ENCODING, List.of())) {
            if (!encoding.equalsIgnoreCase("identity")) {
                return Optional.of("The ids in a body with a Content-Encoding are not looked for. Send it plain.");
            }
        }
        return ContentTypes.whyUnreadable(headers.getOrDefault(HttpHeaders.CONTENT_TYPE, List.of()));
    }

    private Outcome tooLarge() {
        return new Outcome.Refused(DenyReason.BODY_TOO_LARGE, "What this credential may do hangs on ids in the body,"
                + " which are looked for in bodies up to " + settings.maxBodyRead().toBytes() + " bytes only.");
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
