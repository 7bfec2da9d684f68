package dev.postern.protocol;

import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Bounds within which a body is read whole.
 *
 * @param maxBytes largest body
 * @param patience longest wait for one
 */
public record BodyBounds(int maxBytes, Duration patience) {
    /**
     * Reads a body.
     *
     * @return its bytes, none when there is no body; an error of {@link Failure#BODY_TOO_LARGE} or {@link Failure#BODY_LATE}
     *         when it is not within the bounds
     */
    public Mono<byte[]> read(ServerHttpRequest request) {
        return DataBufferUtils.join(request.getBody(), maxBytes).map(BodyBounds::take).defaultIfEmpty(new byte[0])
                .timeout(patience);
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
}
