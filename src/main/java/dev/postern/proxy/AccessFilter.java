package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.catalog.BodyIds;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.decision.AccessGate.Question;
import dev.postern.decision.RecentDecisions;
import dev.postern.store.StoreUnavailableException;
import dev.postern.telemetry.GateMeters;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Decides whether to allow each call to a backend, whichever route the call takes. Runs before all other filters, so
 * that none of them sees a call that has not been allowed.
 */
final class AccessFilter implements GlobalFilter, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(AccessFilter.class);

    private final Catalog catalog;
    private final AccessGate gate;
    private final BodyPeek bodies;
    private final Forwarder forwarder;
    private final Refusals refusals;
    private final ActiveDevices activeDevices;
    private final CredentialCalls credentialCalls;
    private final RecentDecisions recent;
    private final StalenessHeader staleness;
    private final GateMeters meters;

    AccessFilter(Catalog catalog, AccessGate gate, BodyPeek bodies, Forwarder forwarder, Refusals refusals,
            ActiveDevices activeDevices, CredentialCalls credentialCalls, RecentDecisions recent,
            StalenessHeader staleness,
            GateMeters meters) {
        this.catalog = catalog;
        this.gate = gate;
        this.bodies = bodies;
        this.forwarder = forwarder;
        this.refusals = refusals;
        this.activeDevices = activeDevices;
        this.credentialCalls = credentialCalls;
        this.recent = recent;
        this.staleness = staleness;
        this.meters = meters;
    }

    /** Reads and authenticates the request, then allows or denies it. An allowed request is forwarded. */
    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        AccessContext context = AccessContext.of(exchange, catalog);
        staleness.addTo(exchange);
        return switch (OperatorRoutes.read(exchange, context)) {
            case Reading.Refused refused -> refusals.refuse(exchange, context, refused);
            case Reading.Read read -> {
                Call call = new Call(exchange, chain, context, read);
                yield carryOut(call, gate.answerNow(context, Question.of(read)));
            }
        };
    }

    /** A request on its way through the gate. */
    private record Call(ServerWebExchange exchange, GatewayFilterChain chain, AccessContext context,
            Reading.Read read) {
        Call withBody(byte[] body) {
            return new Call(BodyPeek.putBack(exchange, body), chain, context, read);
        }

        ApiId api() {
            return read.request().api();
        }
    }

    private Mono<Void> carryOut(Call call, Answer answer) {
        return switch (answer) {
            case Answer.NeedsStore lacking -> gate.askStore(call.context(), lacking)
                    .onErrorResume(StoreUnavailableException.class, outage -> Mono.just(outage(lacking, outage)))
                    .flatMap(next -> carryOut(call, next));
            case Answer.NeedsSeat lacking -> gate.takeSeat(lacking)
                    .onErrorResume(StoreUnavailableException.class, outage -> Mono.just(outage(lacking, outage)))
                    .flatMap(next -> carryOut(call, next));
            case Answer.NeedsBody lacking -> bodies.read(call.exchange().getRequest())
                    .flatMap(body -> carryOut(call, lacking, body));
            case Answer.Decided(AccessDecision.Allowed(var principal), var question) -> {
                call.context().allowed(principal, question.request());
                credentialCalls.note(principal, question.request().devices());
                activeDevices.note(principal.account(), question.request().devices());
                recent.allowed(principal, question.request(), call.context());
                meters.allowed(call.api(), call.context().nanosSinceArrival());
                yield forwarder.forward(call.exchange(), call.chain(), call.context(), call.read());
            }
            case Answer.Decided(AccessDecision.Denied denied, var question) -> refuse(call, question.request(), denied);
        };
    }

    private Mono<Void> carryOut(Call call, Answer.NeedsBody lacking, BodyPeek.Outcome body) {
        return switch (body) {
            case BodyPeek.Outcome.Refused(var denied) -> refuse(call, call.read().request(), denied);
            case BodyPeek.Outcome.Bytes(var bytes) -> {
                // Set X-Postern-Staleness again: the decision is now based on the state after the body arrived.
                staleness.addTo(call.exchange());
                yield switch (call.read().bodyIds().read(lacking.question().request(), bytes)) {
                    case BodyIds.Outcome.Unreadable(var reason, var detail) -> refuse(call, call.read().request(),
                            new AccessDecision.Denied(reason, detail));
                    case BodyIds.Outcome.Complete(var request) -> carryOut(call.withBody(bytes),
                            gate.withBody(call.context(), lacking, request));
                };
            }
        };
    }

    private static Answer outage(Answer lacking, StoreUnavailableException outage) {
        LOG.debug("The store is unavailable: {}", outage.getMessage());
        return new Answer.Decided(new AccessDecision.Denied(DenyReason.STORE_UNAVAILABLE), lacking.question());
    }

    private Mono<Void> refuse(Call call, AccessRequest request, AccessDecision.Denied denied) {
        return refusals.refuse(call.exchange(), call.context(), request, denied);
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public String toString() {
        return "access check: forwards or denies the call";
    }
}
