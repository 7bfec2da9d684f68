package dev.postern.management;

import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.jose.CryptoWorkers;
import dev.postern.management.contract.Operation;
import dev.postern.store.BulkheadFullException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.EntityResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Makes a call with an {@code Idempotency-Key} once, and answers its repetitions with the same reply. If the start of
 * the call cannot be recorded in Redis, the call is not made.
 */
@Order(-890)
final class Idempotency implements WebFilter {
    static final String KEY = "Idempotency-Key";
    static final String REPLAYED = "Idempotency-Replayed";
    static final int MAX_KEY = 255;
    private static final String ATTRIBUTE = Idempotency.class.getName();

    private final RememberedCalls calls;

    Idempotency(RememberedCalls calls) {
        this.calls = calls;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        exchange.getAttributes().put(ATTRIBUTE, this);
        return chain.filter(exchange);
    }

    /** Makes a call, or repeats the earlier reply if the call was made before. */
    static Mono<ServerResponse> apply(ServerRequest request, Mono<ServerResponse> work) {
        List<String> keys = request.headers().header(KEY);
        if (keys.isEmpty()) {
            return work;
        }
        String key = keys.getFirst();
        if (keys.size() > 1 || key.isEmpty() || key.length() > MAX_KEY
                || !key.chars().allMatch(c -> c >= 0x20 && c <= 0x7e)) {
            throw new ProblemException(Problem.REQUEST_MALFORMED,
                    KEY + " must occur once, with 1 to " + MAX_KEY + " printable ASCII characters.");
        }
        Idempotency idempotency = (Idempotency) Objects.requireNonNull(request.attributes().get(ATTRIBUTE));
        return idempotency.apply(request, key, work);
    }

    private Mono<ServerResponse> apply(ServerRequest request, String key, Mono<ServerResponse> work) {
        return JsonBody.keep(request, Operation.of(request.attributes()).maxBody()).flatMap(body -> {
            RememberedCalls.Attempt attempt = calls.attempt(Caller.of(request.exchange()), request.path(), key, body);
            return detached(calls.begin(attempt).flatMap(known -> known.isPresent()
                    ? replay(request, known.get())
                    : make(request, attempt, work)));
        });
    }

    private Mono<ServerResponse> make(ServerRequest request, RememberedCalls.Attempt attempt,
            Mono<ServerResponse> work) {
        return work
                .onErrorResume(Idempotency::changedNothing, failure -> calls.giveUp(attempt).then(Mono.error(failure)))
                .flatMap(reply -> reply instanceof EntityResponse<?> whole
                        ? calls.keep(attempt, new RememberedCalls.Reply(reply.statusCode().value(),
                                text(reply.headers().getLocation()), tag(request), whole.entity().toString()))
                                .thenReturn(reply)
                        : Mono.error(new IllegalStateException("the reply has no body")));
    }

    /** Continues if the client closes its connection, so that the client's next attempt finds the reply. */
    private static Mono<ServerResponse> detached(Mono<ServerResponse> work) {
        return Mono.deferContextual(context -> work.contextWrite(context).cache());
    }

    /**
     * Whether a call failed before it changed anything. After any other error it is unknown what was changed, so the
     * call is treated as interrupted.
     */
    private static boolean changedNothing(Throwable failure) {
        return failure instanceof ProblemException || failure instanceof ChangeRefusedException
                || failure instanceof ConcurrentChangeException || failure instanceof BulkheadFullException
                || failure instanceof CryptoWorkers.BusyException;
    }

    private static @Nullable String text(@Nullable URI location) {
        return location == null ? null : location.toString();
    }

    private static @Nullable String tag(ServerRequest request) {
        return request.exchange().getResponse().getHeaders().getETag();
    }

    private static Mono<ServerResponse> replay(ServerRequest request, RememberedCalls.Reply reply) {
        ServerHttpResponse response = request.exchange().getResponse();
        Optional.ofNullable(reply.location())
                .ifPresent(location -> response.getHeaders().set(HttpHeaders.LOCATION, location));
        Optional.ofNullable(reply.tag()).ifPresent(tag -> response.getHeaders().set(HttpHeaders.ETAG, tag));
        return ServerResponse.status(reply.status()).header(REPLAYED, "true").contentType(MediaType.APPLICATION_JSON)
                .cacheControl(CacheControl.noStore()).bodyValue(reply.body());
    }
}
