package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.Principal;
import dev.postern.backend.Backends;
import dev.postern.backend.FairSlots;
import dev.postern.backend.Slot;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LimitedLog;
import dev.postern.wire.BadResponseException;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final Set<String> HTTP_SCHEMES = Set.of("http", "https");
    private static final LimitedLog LIMITED = new LimitedLog(LOG);

    private final DeviceLearner devices;
    private final GateMeters meters;
    private final long maxHeldBody;
    private final UploadPace pace;
    private final Backends backends;

    Forwarder(ForwardingSettings settings, Backends backends, DeviceLearner devices, GateMeters meters) {
        this.devices = devices;
        this.maxHeldBody = settings.maxBodyRead().toBytes();
        this.pace = settings.uploadPace();
        this.backends = backends;
        this.meters = meters;
    }

    Mono<Void> forward(ServerWebExchange exchange, GatewayFilterChain chain, AccessContext context,
            Reading.Read read) {
        ApiId api = read.request().api();
        if (!CatalogRoutes.hasBackend(exchange)) {
            return answerFor(exchange, context, api,
                    new AccessDecision.Denied(DenyReason.BACKEND_NOT_CONFIGURED));
        }
        long start = System.nanoTime();
        exchange.getResponse().beforeCommit(() -> {
            if (exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR) != null) {
                meters.answered(api, System.nanoTime() - start);
            }
            return Mono.empty();
        });
        ServerHttpRequest rebuilt = new RebuiltRequest(exchange, read, maxHeldBody, pace);
        ServerWebExchange.Builder forwarded = exchange.mutate().request(rebuilt);
        switch (read.effect()) {
            case DeviceEffect.None() -> {
            }
            case DeviceEffect.Change change -> forwarded
                    .response(new ReplyTap(exchange,
                            devices.lesson(context.requestId(), allowed(context).account(), change)));
        }
        ServerWebExchange changed = forwarded.build();
        return inSlot(exchange, context, () -> chain.filter(changed))
                .onErrorResume(failure -> answerFor(exchange, context, api, failure));
    }

    /**
     * Takes a slot of the backend for the duration of the call, so that the account stays within its share. A WebSocket
     * takes its own slot.
     */
    private Mono<Void> inSlot(ServerWebExchange exchange, AccessContext context, Supplier<Mono<Void>> call) {
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        if (!HTTP_SCHEMES.contains(route.getUri().getScheme())
                || "websocket".equalsIgnoreCase(exchange.getRequest().getHeaders().getUpgrade())) {
            return call.get();
        }
        FairSlots slots = backends.at(route.getUri()).calls();
        Principal caller = allowed(context);
        Slot free = slots.takeNow(caller.account(), caller.credential());
        return free != null
                ? inSlot(free, context, call)
                : slots.take(caller.account(), caller.credential()).flatMap(slot -> inSlot(slot, context, call));
    }

    private static Mono<Void> inSlot(Slot slot, AccessContext context, Supplier<Mono<Void>> call) {
        context.holds(slot);
        return Mono.defer(call).doFinally(_ -> slot.release());
    }

    private static Principal allowed(AccessContext context) {
        Principal principal = context.principal();
        if (principal == null) {
            throw new IllegalStateException("a call that was not allowed is on its way to a backend");
        }
        return principal;
    }

    private Mono<Void> answerFor(ServerWebExchange exchange, AccessContext context, ApiId api, Throwable failure) {
        if (failure instanceof ClientGoneException || failure instanceof Http2Exception) {
            LOG.debug("{} the client is gone", context.requestId());
            return Mono.error(failure);
        }
        AccessDecision.Denied denied = BackendFailures.denied(failure);
        DenyReason reason = denied.reason();
        if (reason == DenyReason.INTERNAL_ERROR) {
            LOG.debug("{} failed on its way to the backend", context.requestId(), LoggedFailure.of(failure));
            LIMITED.error("{} failed on its way to the backend: {}", context.requestId(),
                    LoggedFailure.line(failure));
        } else if (failure instanceof BadResponseException bad) {
            LIMITED.warn("{} The backend of {} did not send a valid HTTP response: {}", context.requestId(), api,
                    String.valueOf(bad.getMessage()));
        } else if (reason == DenyReason.BACKEND_TLS_FAILED) {
            LIMITED.warn("{} The TLS handshake with the backend of {} failed: {}", context.requestId(), api,
                    TlsFailures.describe(failure));
        } else {
            LOG.debug("{} {}", context.requestId(), reason.word());
        }
        if (exchange.getResponse().isCommitted()) {
            // A partly sent response cannot be replaced: the error closes the connection, so that the client notices.
            meters.failed(api, reason);
            return Mono.error(failure);
        }
        return answerFor(exchange, context, api, denied);
    }

    private Mono<Void> answerFor(ServerWebExchange exchange, AccessContext context, ApiId api,
            AccessDecision.Denied denied) {
        meters.failed(api, denied.reason());
        return DenialWriter.write(exchange, denied, Set.of(), context.requestId());
    }
}
