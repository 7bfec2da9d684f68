package dev.postern.oidc;

import dev.postern.wire.ResponseGuard;
import dev.postern.wire.ResponseLimits;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.springframework.web.util.UriUtils;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/** Calls the identity provider. Time and size of an answer are limited, and redirects are not followed. */
final class ProviderCalls {
    private static final int MAX_HEAD = 16 * 1024;
    private static final int MAX_BODY = 256 * 1024;

    private final HttpClient client;
    private final Duration timeout;

    ProviderCalls(HttpClient client, Duration timeout) {
        ResponseLimits limits = new ResponseLimits(MAX_HEAD, timeout, timeout);
        // A new connection for each call: the next one is minutes away, and would find an idle connection closed.
        this.client = ResponseGuard.guard(client, limits, (_, _) -> {}).keepAlive(false).disableRetry(true)
                .followRedirect(false).compress(false)
                .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, "application/json"));
        this.timeout = timeout;
    }

    record Answer(int status, byte[] body) {
        /** Without the body, which may contain tokens. */
        @Override
        public String toString() {
            return "Answer[" + status + "]";
        }
    }

    Mono<Answer> get(URI address) {
        return limited(client.get().uri(address).responseConnection(ProviderCalls::read).single());
    }

    /** @param authorization the value of the header; empty for none */
    Mono<Answer> post(URI address, String form, Optional<String> authorization) {
        return limited(client.headers(headers -> {
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/x-www-form-urlencoded");
            authorization.ifPresent(value -> headers.set(HttpHeaderNames.AUTHORIZATION, value));
        }).post().uri(address).send(ByteBufFlux.fromString(Mono.just(form)))
                .responseConnection(ProviderCalls::read).single());
    }

    private Mono<Answer> limited(Mono<Answer> call) {
        return call.subscribeOn(Schedulers.boundedElastic()).publishOn(Schedulers.boundedElastic()).timeout(timeout)
                .onErrorMap(failure -> !(failure instanceof ProviderUnavailableException),
                        // The message of the failure may quote the address.
                        failure -> new ProviderUnavailableException(failure.getClass().getSimpleName()));
    }

    /** The connection is closed instead of reading to the end: a refused body might never end. */
    private static Mono<Answer> read(HttpClientResponse response, Connection connection) {
        return connection.inbound().receive().asByteArray().collect(ByteArrayOutputStream::new, ProviderCalls::add)
                .map(body -> new Answer(response.status().code(), body.toByteArray()))
                .doFinally(_ -> connection.dispose());
    }

    private static void add(ByteArrayOutputStream read, byte[] more) {
        if (more.length > MAX_BODY - read.size()) {
            throw new ProviderUnavailableException("an answer of more than " + MAX_BODY + " bytes");
        }
        read.writeBytes(more);
    }

    static String encode(String text) {
        return UriUtils.encode(text, StandardCharsets.UTF_8);
    }
}
