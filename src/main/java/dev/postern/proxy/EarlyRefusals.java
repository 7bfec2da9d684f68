package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.proxy.AccessGate.Answer;
import dev.postern.proxy.AccessGate.Question;
import java.util.Objects;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Refuses, before a route is looked for, what is refused whatever route it takes: calls of the catalogue without a credential,
 * or with one that cannot be valid. So a flood of made-up tokens costs less than one of unknown paths. Allows nothing: the
 * access filter does, from the same answer.
 */
final class EarlyRefusals extends AbstractHandlerMapping {
    private final Catalog catalog;
    private final AccessGate gate;
    private final Refusals refusals;

    EarlyRefusals(Catalog catalog, AccessGate gate, Refusals refusals) {
        this.catalog = catalog;
        this.gate = gate;
        this.refusals = refusals;
        // After the dialects, whose calls are not the catalogue's, and before the routes.
        setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    }

    @Override
    protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
        if (!Objects.equals(exchange.getApplicationContext(), getApplicationContext())) {
            // The management port looks for handlers here too, and has none of these.
            return Mono.empty();
        }
        AccessContext context = AccessContext.of(exchange, catalog);
        if (context.reading() instanceof Reading.Read read
                && gate.answerNow(context,
                        Question.of(read)) instanceof Answer.Decided(AccessDecision.Denied denied, var _)) {
            return Mono.just((WebHandler) refused -> refusals.refuse(refused, context, read.request().api(), denied));
        }
        return Mono.empty();
    }
}
