package dev.postern.jose;

import dev.postern.wire.ResponseGuard;
import dev.postern.wire.ResponseLimits;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/** Asks a JWKS address for its answer, within a bound of size; how long it takes is for the caller to bound. */
final class KeySetRequest {
    private static final int MAX_HEAD = 16 * 1024;
    /** The caller waits less. */
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final ResponseLimits LIMITS = new ResponseLimits(MAX_HEAD, LONGEST, LONGEST);

    private final HttpClient client;
    private final URI address;
    private final int maxBytes;

    KeySetRequest(HttpClient client, URI address, int maxBytes) {
        // A connection for each request: the next one is minutes away, and would find an idle one closed.
        this.client = ResponseGuard.guard(client, LIMITS, (_, _) -> {}).keepAlive(false).disableRetry(true)
                .followRedirect(false).compress(false)
                .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, "application/jwk-set+json, application/json"));
        this.address = address;
        this.maxBytes = maxBytes;
    }

    /** The answer; {@link UnusableKeySetException} if it is not one of status 200, or too large. */
    Mono<byte[]> send() {
        return client.get().uri(address)
                // Disposed of rather than read to the end: what is refused might never end.
                .responseConnection((response, connection) -> body(response, connection.inbound().receive())
                        .doFinally(_ -> connection.dispose()))
                .single();
    }

    private Mono<byte[]> body(HttpClientResponse response, ByteBufFlux content) {
        if (!response.status().equals(HttpResponseStatus.OK)) {
            return Mono.error(new UnusableKeySetException("HTTP status " + response.status().code()));
        }
        return content.asByteArray().collect(ByteArrayOutputStream::new, this::add)
                .map(ByteArrayOutputStream::toByteArray);
    }

    private void add(ByteArrayOutputStream read, byte[] more) {
        if (more.length > maxBytes - read.size()) {
            throw new UnusableKeySetException("more than " + maxBytes + " bytes");
        }
        read.writeBytes(more);
    }
}
