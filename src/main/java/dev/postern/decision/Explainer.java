package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.access.DenyReason;
import dev.postern.access.Principal;
import dev.postern.access.RequestTarget;
import dev.postern.access.Streams;
import dev.postern.access.TargetParser;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.ReadRecord;
import dev.postern.authentication.Rehearsal;
import dev.postern.authentication.Rehearsal.Unsaved;
import dev.postern.catalog.BodyIds;
import dev.postern.catalog.Catalog;
import dev.postern.catalog.Reading;
import dev.postern.credential.Credential;
import dev.postern.decision.AccessGate.Answer;
import dev.postern.decision.AccessGate.Question;
import dev.postern.inbound.Targets;
import dev.postern.license.LicenseOutlook;
import dev.postern.license.LicenseRehearsal;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Explains how a call would be decided: it takes the same steps as a call, with the same catalogue, verifiers, gate and
 * license policy, and notes what each one saw. It changes nothing: it takes no seat, registers no device, uses up no
 * one-time token and counts nothing.
 */
public final class Explainer {
    private final Supplier<Catalog> current;
    private final CallsAnsweredHere answeredHere;
    private final AccessGate gate;
    private final Rehearsal rehearsal;
    private final LicenseRehearsal licenses;
    private final ReadableBodies bodies;
    private final int maxLine;

    /**
     * @param current the current catalogue; an explanation uses one version of it
     * @param maxLine the maximum number of characters of a request line
     */
    public Explainer(Supplier<Catalog> current, CallsAnsweredHere answeredHere, AccessGate gate, Rehearsal rehearsal,
            LicenseRehearsal licenses, ReadableBodies bodies, int maxLine) {
        this.current = current;
        this.answeredHere = answeredHere;
        this.gate = gate;
        this.rehearsal = rehearsal;
        this.licenses = licenses;
        this.bodies = bodies;
        this.maxLine = maxLine;
    }

    /** Explains a call; for a refusal, also finds the smallest grant that would permit it. */
    public Mono<Explanation> explain(HypotheticalCall call, Who caller) {
        Catalog catalog = current.get();
        return explain(catalog, call, caller, List.of()).flatMap(explanation -> explanation.denied().isEmpty()
                ? Mono.just(explanation)
                : grant(catalog, call, caller, explanation).map(explanation::with));
    }

    /**
     * Explains a call without looking for a grant.
     *
     * @param unsaved records to use in place of those in the store
     */
    public Mono<Explanation> explain(HypotheticalCall call, Who caller, List<Unsaved> unsaved) {
        return explain(current.get(), call, caller, unsaved);
    }

    private Mono<Explanation> explain(Catalog catalog, HypotheticalCall call, Who caller, List<Unsaved> unsaved) {
        return switch (Targets.receive(call.method(), call.target(), maxLine)) {
            case Targets.Received.Refused(var refusal) -> Mono.just(refused(Step.TARGET,
                    new AccessDecision.Denied(refusal.reason(), refusal.detail()), new Findings()));
            case Targets.Received.Accepted(var target) -> explain(catalog, call, target, caller, unsaved);
        };
    }

    private Mono<Explanation> explain(Catalog catalog, HypotheticalCall call, String target, Who caller,
            List<Unsaved> unsaved) {
        RequestTarget.Parsed parsed = TargetParser.parse(target);
        if (answeredHere.contains(target, parsed)) {
            return Mono.just(Explanation.answeredHere());
        }
        Findings findings = new Findings();
        findings.target(target);
        return switch (catalog.read(call.method(), parsed, call::headers)) {
            case Reading.Refused(var denied, var _) -> Mono.just(refused(
                    parsed instanceof RequestTarget.Parsed.Clear ? Step.OPERATION : Step.TARGET, denied, findings));
            case Reading.Read read -> {
                findings.operation(read);
                Catalog.Api api = catalog.find(read.request().api());
                boolean hasBackend = api != null && api.backend().isPresent();
                Question question = Question.of(read);
                yield rehearsal.authenticate(caller.of(call), unsaved, question.patience())
                        .flatMap(who -> explain(call, read, hasBackend, who,
                                gate.answer(who.authentication(), question, call),
                                findings));
            }
        };
    }

    private static Explanation refused(Step step, AccessDecision.Denied denied, Findings findings) {
        return Explanation.of(step, denied, findings.seen(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private Mono<Explanation> explain(HypotheticalCall call, Reading.Read read, boolean hasBackend,
            Rehearsal.Result who, Answer first, Findings findings) {
        Answer answer = first;
        if (first instanceof Answer.NeedsBody lacking) {
            answer = switch (readBody(call, read)) {
                case Body.Refused(var denied) -> new Answer.Decided(denied, lacking.question());
                case Body.Complete(var request) -> {
                    findings.body(request);
                    yield gate.answer(who.authentication(), lacking.question().with(request), call);
                }
            };
        }
        Answer last = answer;
        return foresee(who, last.question()).defaultIfEmpty(new Outlook(null, null))
                .map(outlook -> conclude(who, last, outlook, hasBackend, findings));
    }

    private sealed interface Body {
        record Complete(AccessRequest request) implements Body {}

        record Refused(AccessDecision.Denied denied) implements Body {}
    }

    private Body readBody(HypotheticalCall call, Reading.Read read) {
        byte[] body = call.body();
        Optional<AccessDecision.Denied> refused = bodies.refuse(call::header, body.length);
        if (refused.isPresent()) {
            return new Body.Refused(refused.get());
        }
        return switch (read.bodyIds().read(read.request(), body)) {
            case BodyIds.Outcome.Complete(var request) -> new Body.Complete(request);
            case BodyIds.Outcome.Unreadable(var reason, var detail) -> new Body.Refused(
                    new AccessDecision.Denied(reason, detail));
        };
    }

    /** What the license says, or why it cannot say it. Both are null if nobody was authenticated. */
    private record Outlook(@Nullable LicenseOutlook license, @Nullable DenyReason failure) {}

    private Mono<Outlook> foresee(Rehearsal.Result who, Question question) {
        if (!(who.authentication() instanceof Authentication.Verified verified)) {
            return Mono.empty();
        }
        return licenses.foresee(verified.principal().account(), question.request().devices(), question.use())
                .map(license -> new Outlook(license, null))
                .onErrorResume(StoreUnavailableException.class,
                        _ -> Mono.just(new Outlook(null, DenyReason.STORE_UNAVAILABLE)))
                .onErrorResume(UnreadableRecordException.class,
                        _ -> Mono.just(new Outlook(null, DenyReason.RECORD_UNREADABLE)));
    }

    private Explanation conclude(Rehearsal.Result who, Answer answer, Outlook outlook, boolean hasBackend,
            Findings findings) {
        AccessRequest request = answer.question().request();
        Optional<LicenseOutlook> license = Optional.ofNullable(outlook.license());
        if (who.authentication() instanceof Authentication.Verified verified) {
            findings.verified(verified, request);
        } else {
            findings.recognized(who.found());
        }
        AccessDecision.Denied denied = switch (answer) {
            case Answer.Decided(AccessDecision.Denied refusal, var _) -> refusal;
            case Answer.Decided(AccessDecision.Allowed _, var _) -> null;
            case Answer.NeedsSeat _ -> outlook.failure() == null
                    ? license.flatMap(LicenseOutlook::denied).orElse(null)
                    : new AccessDecision.Denied(outlook.failure());
            case Answer.NeedsStore _,Answer.NeedsBody _ -> throw new IllegalStateException(
                    "the credential and the body were read");
        };
        Step deciding = denied == null
                ? null
                : answer instanceof Answer.NeedsSeat ? Step.LICENSE : Step.of(denied.reason());
        if (denied == null) {
            findings.license(
                    answer instanceof Answer.NeedsSeat ? license : license.filter(one -> one.denied().isEmpty()));
            if (hasBackend) {
                findings.backend();
            } else {
                denied = new AccessDecision.Denied(DenyReason.BACKEND_NOT_CONFIGURED);
                deciding = Step.BACKEND;
            }
        }
        return Explanation.of(deciding, denied, findings.seen(), Optional.of(request), Optional.of(who), license);
    }

    /** Finds the smallest grant, and explains the call again with it. */
    private Mono<Grant> grant(Catalog catalog, HypotheticalCall call, Who caller, Explanation refused) {
        Step step = refused.decidedBy().orElseThrow();
        if (!step.isAboutRules() || refused.request().isEmpty() || refused.who().isEmpty()
                || !(refused.who().get().authentication() instanceof Authentication.Verified verified)) {
            return Mono.just(new Grant.None(SmallestGrant.whyNone(step)));
        }
        Optional<ReadRecord> listed = refused.who().get().listed();
        Optional<AccessRequest> complete = complete(catalog, call);
        if (listed.isEmpty() || complete.isEmpty()) {
            return Mono.just(new Grant.None(SmallestGrant.whyNone(complete.isEmpty() ? Step.BODY : step)));
        }
        Principal principal = verified.principal();
        String index = listed.get().index().orElseThrow();
        return switch (SmallestGrant.find(index, (Credential.Managed) listed.get().credential().orElseThrow(),
                principal.permissions(), complete.get())) {
            case SmallestGrant.Proposal.None(var why) -> Mono.just(new Grant.None(why));
            case SmallestGrant.Proposal.Addition addition -> explain(catalog, call, caller, List.of(addition.changed()))
                    .map(after -> tried(index, addition, after));
        };
    }

    private static Grant tried(String index, SmallestGrant.Proposal.Addition addition, Explanation after) {
        return after.decidedBy().filter(Step::isAboutRules).isPresent()
                ? new Grant.None("The token is narrower than the credential that it comes from, because of its scope or"
                        + " its terminal. Request another token.")
                : new Grant.Added(index, addition.rules(), addition.permissions(), after.denied());
    }

    /** The call with the IDs in its body; empty if they cannot be read. */
    private Optional<AccessRequest> complete(Catalog catalog, HypotheticalCall call) {
        if (Targets.receive(call.method(), call.target(), maxLine) instanceof Targets.Received.Accepted(var target)
                && catalog.read(call.method(), TargetParser.parse(target),
                        call::headers) instanceof Reading.Read read) {
            AccessRequest head = read.request();
            if (!head.devicesInBody() && !head.bodyUnchecked() && !(head.streams() instanceof Streams.InBody)) {
                return Optional.of(head);
            }
            return readBody(call, read) instanceof Body.Complete(var request) ? Optional.of(request) : Optional.empty();
        }
        return Optional.empty();
    }
}
