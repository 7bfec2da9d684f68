package dev.postern.protocol;

import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * The limits for reading a whole body into memory.
 *
 * @param maxBytes the maximum size in bytes
 * @param patience the maximum time to wait for the body
 */
public record BodyBounds(int maxBytes, Duration patience) {
    /**
     * Reads a body.
     *
     * @return the bytes, empty if there is no body; fails with {@link Failure#BODY_TOO_LARGE} or
     *     {@link Failure#BODY_LATE} if it exceeds the limits
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
