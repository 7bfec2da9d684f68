package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.ApiId;
import dev.postern.access.Principal;
import dev.postern.backend.FairSlots;
import dev.postern.backend.Slot;
import dev.postern.call.Call;
import dev.postern.call.CallLog;
import dev.postern.call.ClientGoneException;
import dev.postern.call.FailedCalls;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.UploadPace;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Forwards an allowed call to its backend, as the request that the gate has rebuilt, and writes the denial if the
 * backend fails.
 */
final class Forwarder {
    private static final Set<String> HTTP_SCHEMES = Set.of("http", "https");

    private final DeviceLearner devices;
    private final CallLog log;
    private final FailedCalls failed;
    private final UploadPace pace;

    Forwarder(ForwardingSettings settings, DeviceLearner devices, CallLog log,
            FailedCalls failed) {
        this.devices = devices;
        this.pace = settings.uploadPace();
        this.log = log;
        this.failed = failed;
    }

    Mono<Void> forward(ServerWebExchange exchange, GatewayFilterChain chain, Call call,
            Reading.Read read) {
        ApiId api = read.request().api();
        if (!CatalogRoutes.hasBackend(exchange)) {
            return DenialWriter.write(exchange, failed.noteWithoutBackend(call, api), Set.of(), call.requestId());
        }
        long start = System.nanoTime();
        exchange.getResponse().beforeCommit(() -> {
            BackendResponse answer = BackendResponse.of(exchange);
            if (answer != null) {
                log.answered(call, api, answer.status(), System.nanoTime() - start);
            }
            return Mono.empty();
        });
        ServerHttpRequest rebuilt = new RebuiltRequest(exchange, read, pace);
        ServerWebExchange.Builder forwarded = exchange.mutate().request(rebuilt);
        switch (read.effect()) {
            case DeviceEffect.None() -> {
            }
            case DeviceEffect.Change change -> forwarded
                    .response(new ReplyTap(exchange,
                            devices.lesson(call.requestId(), call.requirePrincipal().account(), change)));
        }
        ServerWebExchange changed = forwarded.build();
        return inSlot(exchange, call, () -> chain.filter(changed))
                .onErrorResume(failure -> answerFor(exchange, call, api, failure));
    }

    /**
     * Takes a slot of the backend for the duration of the call, so that the account stays within its share. A WebSocket
     * takes its own slot.
     */
    private Mono<Void> inSlot(ServerWebExchange exchange, Call call, Supplier<Mono<Void>> forwarding) {
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        if (!HTTP_SCHEMES.contains(route.getUri().getScheme())
                || "websocket".equalsIgnoreCase(exchange.getRequest().getHeaders().getUpgrade())) {
            return forwarding.get();
        }
        FairSlots slots = call.routing().backends().at(route.getUri()).calls();
        Principal caller = call.requirePrincipal();
        Slot free = slots.takeNow(caller.account(), caller.credential());
        return free != null
                ? inSlot(free, call, forwarding)
                : slots.take(caller.account(), caller.credential()).flatMap(slot -> inSlot(slot, call, forwarding));
    }

    private static Mono<Void> inSlot(Slot slot, Call call, Supplier<Mono<Void>> forwarding) {
        call.holds(slot);
        return Mono.defer(forwarding).doFinally(_ -> slot.release());
    }

    private Mono<Void> answerFor(ServerWebExchange exchange, Call call, ApiId api, Throwable failure) {
        AccessDecision.Denied denied = failed.note(call, api, clientIsGone(failure)
                ? new ClientGoneException(failure)
                : failure);
        // A partly sent response cannot be replaced: the error closes the connection, so that the client notices.
        return denied == null || exchange.getResponse().isCommitted()
                ? Mono.error(failure)
                : DenialWriter.write(exchange, denied, Set.of(), call.requestId());
    }

    private static boolean clientIsGone(Throwable failure) {
        return failure instanceof ClientGoneException || failure instanceof Http2Exception;
    }
}
