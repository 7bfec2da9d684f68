package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.call.Call;
import dev.postern.call.CallReport;
import dev.postern.call.ClientGoneException;
import dev.postern.call.LoggedFailure;
import dev.postern.call.RequestId;
import dev.postern.call.StreamRevokedException;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LimitedLog;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableChannel;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerResponse;

/** Writes the responses for errors outside the access filter, in the same format as all denials. */
@Order(-2)
final class GateErrors implements WebExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(GateErrors.class);
    private static final LimitedLog LIMITED = new LimitedLog(LOG);

    private final GateMeters meters;

    GateErrors(GateMeters meters) {
        this.meters = meters;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        Call call = ExchangeCalls.find(exchange);
        String requestId = call == null ? RequestId.next() : call.requestId();
        if (BrokenBodyException.causes(failure) && !exchange.getResponse().isCommitted()) {
            meters.denied(DenyReason.REQUEST_MALFORMED, 0);
            report(call, DenyReason.REQUEST_MALFORMED);
            return DenialWriter.write(exchange, new AccessDecision.Denied(DenyReason.REQUEST_MALFORMED,
                    "The framing of the body is broken."), Set.of(), requestId);
        }
        if (failure instanceof ClientGoneException || failure instanceof Http2Exception
                || failure instanceof AbortedException || failure instanceof StreamRevokedException
                || exchange.getResponse().isCommitted()) {
            // The client is gone, its right has ended, or the response is partly sent: the connection is closed.
            LOG.debug("{} broke off: {}", requestId, failure.getClass().getName());
            abort(exchange);
            return Mono.empty();
        }
        boolean unknown = failure instanceof ResponseStatusException status && status.getStatusCode().value() == 404;
        if (!unknown) {
            LOG.debug("{} failed", requestId, LoggedFailure.of(failure));
            LIMITED.error("{} failed: {}", requestId, LoggedFailure.line(failure));
        }
        DenyReason reason = unknown ? DenyReason.OPERATION_UNKNOWN : DenyReason.INTERNAL_ERROR;
        report(call, reason);
        return DenialWriter.write(exchange, new AccessDecision.Denied(reason), Set.of(), requestId);
    }

    private static void report(@Nullable Call call, DenyReason reason) {
        CallReport report = call == null ? null : call.report();
        if (report != null) {
            report.stopped(reason);
        }
    }

    private static void abort(ServerWebExchange exchange) {
        HttpServerResponse response = ServerHttpResponseDecorator.getNativeResponse(exchange.getResponse());
        response.withConnection(DisposableChannel::dispose);
    }
}
