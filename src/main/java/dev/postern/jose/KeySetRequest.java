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

/** Requests the key set from a JWKS address and limits its size. The caller must limit the time. */
final class KeySetRequest {
    private static final int MAX_HEAD = 16 * 1024;
    /** Longer than any caller waits. */
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final ResponseLimits LIMITS = new ResponseLimits(MAX_HEAD, LONGEST, LONGEST);

    private final HttpClient client;
    private final URI address;
    private final int maxBytes;

    KeySetRequest(HttpClient client, URI address, int maxBytes) {
        // A new connection for each request: the next one is minutes away, and would find an idle connection closed.
        this.client = ResponseGuard.guard(client, LIMITS, (_, _) -> {}).keepAlive(false).disableRetry(true)
                .followRedirect(false).compress(false)
                .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, "application/jwk-set+json, application/json"));
        this.address = address;
        this.maxBytes = maxBytes;
    }

    /** The body of the response; {@link UnusableKeySetException} if its status is not 200, or it is too large. */
    Mono<byte[]> send() {
        return client.get().uri(address)
                // The connection is closed instead of reading to the end: a refused body might never end.
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
