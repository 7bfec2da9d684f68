package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.catalog.BodyIds;
import dev.postern.catalog.Reading;
import dev.postern.decision.AccessGate;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.decision.AccessGate.Question;
import dev.postern.store.StoreUnavailableException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The entrance for device calls: reads the call once, decides it once, and counts the decision. Each lane asks here
 * before it forwards a call, and nothing else allows calls.
 */
public final class FrontDoor {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);

    private final Routing routing;
    private final AccessGate gate;
    private final CallLog log;
    private final Staleness staleness;
    private final CallReports reports;

    FrontDoor(Routing routing, AccessGate gate, CallLog log, Staleness staleness, CallReports reports) {
        this.reports = reports;
        this.routing = routing;
        this.gate = gate;
        this.log = log;
        this.staleness = staleness;
    }

    /** Reads a call: which API, action, devices and streams it names. */
    public Call read(Head head) {
        Call call = new Call(head, routing.current());
        reports.begin(call);
        return call;
    }

    /**
     * Decides a call from memory, or says what must be fetched first.
     *
     * @param read the call as it was read
     */
    public Verdict decide(Call call, Reading.Read read) {
        staleness.note(call);
        return verdict(call, gate.answerNow(call, Question.of(read)));
    }

    /** Decides a call whose body has been read. */
    public Verdict withBody(Call call, Reading.Read read, Verdict.ReadBody awaited, byte[] body) {
        // Noted again: the call is decided only now, and the cache may have changed while the body arrived.
        staleness.note(call);
        return switch (read.bodyIds().read(awaited.lacking().question().request(), body)) {
            case BodyIds.Outcome.Unreadable(var reason, var detail) -> refuse(call, read.request(),
                    new AccessDecision.Denied(reason, detail));
            case BodyIds.Outcome.Complete(var complete) -> verdict(call,
                    gate.withBody(call, awaited.lacking(), complete));
        };
    }

    /**
     * Refuses a call because the gate cannot read IDs in its body: the body is too large, arrives too late, or has a
     * type that the gate does not read.
     */
    public Verdict.Refuse refuseBody(Call call, Reading.Read read, AccessDecision.Denied denied) {
        return refuse(call, read.request(), denied);
    }

    /**
     * Refuses a call that matches no operation, is ambiguous, or has a body with broken framing. Not counted per API.
     */
    public Verdict.Refuse refuse(Call call, Reading.Refused refused) {
        staleness.note(call);
        log.refused(call, refused.denied());
        return new Verdict.Refuse(refused.denied(), refused.allowed());
    }

    /**
     * Decides a call that was allowed, as it would be decided now. Counts nothing.
     *
     * <p> If a reload has replaced the configuration since, the call must still mean the same: a stream may last for
     * days, and must not outlive its operation.
     *
     * @return {@link DenyReason#STORE_UNAVAILABLE} if memory has no answer, and the store does not answer
     */
    public Mono<AccessDecision> decideAgain(Call call) {
        return Mono.defer(() -> {
            AccessDecision.Denied changed = changedBy(routing.current(), call);
            return changed == null ? gate.decideAgain(call, call.requireDecided()) : Mono.just(changed);
        }).onErrorReturn(StoreUnavailableException.class, new AccessDecision.Denied(DenyReason.STORE_UNAVAILABLE));
    }

    /** Why a call cannot go on in this version of the configuration; null if it can. */
    private static AccessDecision.@Nullable Denied changedBy(RoutingTable now, Call call) {
        if (now.equals(call.routing())) {
            return null;
        }
        Reading.Read before = call.reading() instanceof Reading.Read read ? read : null;
        return switch (call.read(now)) {
            // Was allowed on a route of the operator, which no reload changes.
            case Reading.Refused(var denied, var _) -> before == null ? null : denied;
            case Reading.Read after -> before != null && after.request().equals(before.request())
                    ? null
                    : new AccessDecision.Denied(DenyReason.OPERATION_UNKNOWN);
        };
    }

    private Verdict verdict(Call call, Answer answer) {
        return switch (answer) {
            case Answer.Decided(AccessDecision.Allowed(var principal), var question) -> {
                call.allowed(principal, question.request());
                log.allowed(call, principal, question.request());
                yield new Verdict.Forward();
            }
            case Answer.Decided(AccessDecision.Denied denied, var question) -> refuse(call, question.request(), denied);
            case Answer.NeedsBody lacking -> new Verdict.ReadBody(lacking);
            case Answer.NeedsStore lacking -> await(call, lacking, gate.askStore(call, lacking));
            case Answer.NeedsSeat lacking -> await(call, lacking, gate.takeSeat(lacking));
        };
    }

    private Verdict.Wait await(Call call, Answer lacking, Mono<Answer> next) {
        return new Verdict.Wait(next.map(answer -> verdict(call, answer))
                .onErrorResume(StoreUnavailableException.class, outage -> {
                    LOG.debug("The store is unavailable: {}", outage.getMessage());
                    return Mono.just(refuse(call, lacking.question().request(),
                            new AccessDecision.Denied(DenyReason.STORE_UNAVAILABLE)));
                }));
    }

    private Verdict.Refuse refuse(Call call, AccessRequest request, AccessDecision.Denied denied) {
        log.refused(call, request, denied);
        return new Verdict.Refuse(denied, Set.of());
    }
}
