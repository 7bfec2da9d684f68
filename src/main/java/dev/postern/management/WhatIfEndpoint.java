package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.decision.Explanation;
import dev.postern.decision.HypotheticalCall;
import dev.postern.decision.RecentDecisions;
import dev.postern.decision.Replay;
import dev.postern.decision.WhatIf;
import dev.postern.issuance.ListedCredentials;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/what-if}: says what a change of a credential would allow and refuse. Nothing is saved. */
final class WhatIfEndpoint {
    /** The maximum number of calls in one question. */
    static final int MAX_CALLS = 100;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Shape VERDICT = Shape.object(required("outcome", ExplanationJson.OUTCOME, ""),
            required("answer", ExplanationJson.DENIED.orNull(), ""), required("reason", Shape.text().orNull(), ""),
            required("detail", Shape.text().orNull(), "")).named("Verdict");
    private static final Shape IDS = Shape.list(Shape.text());

    private final WhatIf whatIf;
    private final RecentDecisions recent;
    private final ListedCredentials listed;
    private final CredentialRecords credentials;
    private final ChangeInput changes;
    private final ExplanationJson json;

    WhatIfEndpoint(WhatIf whatIf, RecentDecisions recent, ListedCredentials listed, CredentialRecords credentials,
            References references, ExplanationJson json) {
        this.whatIf = whatIf;
        this.recent = recent;
        this.listed = listed;
        this.credentials = credentials;
        this.changes = new ChangeInput(references);
        this.json = json;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(Operation.compute("/api/v1/what-if", "tryChange",
                "Says what a change of a credential would allow and refuse, without saving it.").in("Decisions")
                .takes(Shape.object(required("credential_id", Shape.text(), ""),
                        optional("account", Shapes.ID, "The account of the credential."),
                        required("change", ChangeInput.SHAPE, "The members of the `PUT` of the credential."),
                        optional("calls", Shape.list(Shape.object(CallInput.shape().toList()).closed(), MAX_CALLS),
                                "The calls to decide before and after the change."),
                        optional("replay", Shape.flag(),
                                "Whether to replay the recent decisions of this gate; defaults to true.")))
                .returns(Shape.object(
                        required("calls", Shape.list(Shape.object(required("before", VERDICT, ""),
                                required("after", VERDICT, ""), required("changed", Shape.flag(), ""))),
                                "The calls, in the order of the request."),
                        required("replay", replay().orNull(), "Null if `replay` was false."),
                        required("gate", ExplanationJson.GATE, "The gate that answered."))),
                this::answer).build();
    }

    private static Shape replay() {
        return Shape.object(
                required("kept", Shape.flag(), "Whether the gate keeps recent decisions:"
                        + " `postern.recent-decisions.enabled`."),
                required("summary", Shape.text(), ""),
                required("from", Shapes.TIME.orNull(), "When the first of these decisions was made."),
                required("decisions", Shape.count(), "The number of decisions about calls with this credential."),
                required("would_refuse", Shape.count(), "The number of allowed calls that the change would refuse."),
                required("would_allow", Shape.count(), "The number of refused calls that the change would allow."),
                required("undecided", Shape.count(),
                        "The number of calls whose outcome would depend on a body, or on the scope of a token."),
                required("credentials", Shape.list(Shape.object(required("id", Shape.text(), ""),
                        required("calls", Shape.count(), "")), Replay.MAX_NAMED),
                        "The credentials whose calls would be refused."),
                required("devices", Shape.list(Shape.object(required("device", Shape.text(), ""),
                        required("calls", Shape.count(), "")), Replay.MAX_NAMED), "The devices of those calls."),
                required("calls", Shape.list(Shape.object(required("at", Shapes.TIME, ""),
                        required("credential_id", Shape.text(), ""), required("api", Shape.text(), ""),
                        required("method", Shape.text(), ""), required("devices", IDS, ""),
                        required("reason", Shape.text().orNull(), "Null if the call would be allowed.")),
                        Replay.MAX_NAMED), "The latest calls that would be decided differently."));
    }

    private Mono<ServerResponse> answer(ServerRequest request) {
        Caller caller = Caller.of(request.exchange());
        return JsonInput.read(request).flatMap(input -> {
            AccountId account = ExplainEndpoint.account(caller, input);
            boolean wanted = input.flag("replay", true);
            List<Asked> calls = calls(input);
            return change(account, input).flatMap(change -> Flux.fromIterable(calls)
                    .concatMap(call -> whatIf.compare(change, call.call(), call.user())).collectList()
                    .flatMap(compared -> (wanted ? whatIf.replay(change).map(Optional::of) : none())
                            .map(replay -> write(compared, replay))));
        }).flatMap(Replies::ok);
    }

    private static Mono<Optional<Replay>> none() {
        return Mono.just(Optional.empty());
    }

    private Mono<WhatIf.Change> change(AccountId account, JsonInput input) {
        JsonNode change = input.required("change");
        return ExplainEndpoint.index(listed, account, input.string("credential_id"))
                .flatMap(index -> credentials.find(index)
                        .switchIfEmpty(Mono.error(ExplainEndpoint::noSuchCredential))
                        .flatMap(found -> found instanceof Credential.Managed managed
                                ? changes.read(managed, change)
                                : Mono.error(new ProblemException(Problem.NOT_POSSIBLE,
                                        "A master key permits everything in its account; this cannot be changed.")))
                        .map(changed -> new WhatIf.Change(account, index, changed)));
    }

    private record Asked(HypotheticalCall call, Optional<String> user) {}

    private static List<Asked> calls(JsonInput input) {
        List<Asked> calls = new ArrayList<>();
        if (!input.has("calls")) {
            return calls;
        }
        JsonNode list = input.required("calls");
        if (!list.isArray() || list.size() > MAX_CALLS) {
            throw JsonInput.invalid("calls is not a list of at most " + MAX_CALLS + " calls");
        }
        for (JsonNode call : list) {
            String where = "calls[" + calls.size() + "]";
            JsonInput members = JsonInput.nested(where, call, CallInput.members());
            try {
                HypotheticalCall read = CallInput.read(members);
                if (read.presentsCredential()) {
                    throw JsonInput.invalid("headers has a credential; the calls use credential_id");
                }
                calls.add(new Asked(read, CallInput.user(members)));
            } catch (ProblemException wrong) {
                throw new ProblemException(wrong.problem(), where + "." + wrong.detail());
            }
        }
        return calls;
    }

    private ObjectNode write(List<WhatIf.Compared> compared, Optional<Replay> replay) {
        ObjectNode reply = JSON.createObjectNode();
        ArrayNode calls = reply.putArray("calls");
        compared.forEach(one -> write(calls.addObject(), one));
        replay.ifPresentOrElse(found -> write(reply.putObject("replay"), found), () -> reply.putNull("replay"));
        json.write(reply.putObject("gate"));
        return reply;
    }

    private static void write(ObjectNode reply, WhatIf.Compared compared) {
        Explanation before = compared.before();
        Explanation after = compared.after();
        reply.set("before", ExplanationJson.verdict(before));
        reply.set("after", ExplanationJson.verdict(after));
        reply.put("changed", before.outcome() != after.outcome()
                || !before.denied().map(denied -> denied.reason())
                        .equals(after.denied().map(denied -> denied.reason())));
    }

    private void write(ObjectNode reply, Replay replay) {
        reply.put("kept", recent.isEnabled()).put("summary", summary(replay))
                .put("from", replay.from().map(at -> Instant.ofEpochMilli(at).toString()).orElse(null))
                .put("decisions", replay.decisions()).put("would_refuse", replay.refused())
                .put("would_allow", replay.allowed()).put("undecided", replay.undecided());
        ArrayNode ids = reply.putArray("credentials");
        replay.credentials().forEach((id, calls) -> ids.addObject().put("id", id.value()).put("calls", calls));
        ArrayNode devices = reply.putArray("devices");
        replay.devices()
                .forEach((device, calls) -> devices.addObject().put("device", device.value()).put("calls", calls));
        ArrayNode calls = reply.putArray("calls");
        for (Replay.Call call : replay.calls()) {
            ObjectNode one = calls.addObject().put("at", Instant.ofEpochMilli(call.at()).toString())
                    .put("credential_id", call.credential().value()).put("api", call.api())
                    .put("method", call.method());
            ExplanationJson.putIds(one, "devices", call.devices());
            one.put("reason", call.denied().map(reason -> reason.word()).orElse(null));
        }
    }

    private String summary(Replay replay) {
        if (!recent.isEnabled()) {
            return "This gate keeps no recent decisions; see postern.recent-decisions.enabled.";
        }
        return "This change would refuse " + replay.refused() + " and newly allow " + replay.allowed() + " of the "
                + replay.decisions() + " calls with this credential that this gate remembers.";
    }
}
