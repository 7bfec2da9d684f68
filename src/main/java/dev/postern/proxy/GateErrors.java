package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** Answers for whatever went wrong outside of the access filter, in the one form that clients know. */
@Order(-2)
final class GateErrors implements WebExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(GateErrors.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        AccessContext context = AccessContext.find(exchange);
        String requestId = context == null ? RequestId.next() : context.requestId();
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(failure);
        }
        boolean unknown = failure instanceof ResponseStatusException status && status.getStatusCode().value() == 404;
        if (!unknown) {
            LOG.error("{} failed", requestId, failure);
        }
        return DenialWriter.write(exchange,
                new AccessDecision.Denied(unknown ? DenyReason.OPERATION_UNKNOWN : DenyReason.INTERNAL_ERROR), Set.of(),
                requestId);
    }
}
