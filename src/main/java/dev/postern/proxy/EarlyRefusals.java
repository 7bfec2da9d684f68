package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.decision.AccessGate.Question;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Refuses calls to the catalogue's APIs before the web framework sees them, if memory is enough to refuse them: for
 * example, calls without a credential, with a malformed one, or with a cached one that does not permit the call. A
 * flood of such calls therefore costs no more than a flood of unknown paths, which only the last route detects. This
 * class never allows a call; only the access filter does, using the same {@code AccessGate}.
 */
final class EarlyRefusals {
    private final Catalog catalog;
    private final CallsAnsweredHere answeredHere;
    private final AccessGate gate;
    private final Refusals refusals;
    private final StalenessHeader staleness;

    EarlyRefusals(Catalog catalog, CallsAnsweredHere answeredHere, AccessGate gate, Refusals refusals,
            StalenessHeader staleness) {
        this.catalog = catalog;
        this.answeredHere = answeredHere;
        this.gate = gate;
        this.refusals = refusals;
        this.staleness = staleness;
    }

    /** Adds the route that the server tries before it passes a request to the web framework. */
    HttpServerRoutes route(HttpServerRoutes routes) {
        return routes.route(this::isRefused, this::refuse);
    }

    private boolean isRefused(HttpServerRequest request) {
        AccessContext context = AccessContext.of(request, catalog);
        if (answeredHere.contains(request.uri(), context.target())) {
            return false;
        }
        context.attachToConnection();
        return context.reading() instanceof Reading.Read read && refusal(context, read) != null;
    }

    private Mono<Void> refuse(HttpServerRequest request, HttpServerResponse response) {
        AccessContext context = AccessContext.takeFromConnection(request);
        if (context == null || !(context.reading() instanceof Reading.Read read)) {
            throw new IllegalStateException("only requests that were read are refused here");
        }
        AccessDecision.Denied denied = Objects.requireNonNull(refusal(context, read));
        staleness.addTo(response);
        return refusals.refuse(response, context, read.request(), denied);
    }

    /** The denial, if memory is enough to refuse the call; null otherwise. */
    private AccessDecision.@Nullable Denied refusal(AccessContext context, Reading.Read read) {
        return gate.answerNow(context,
                Question.of(read)) instanceof Answer.Decided(AccessDecision.Denied denied, var _) ? denied : null;
    }
}
