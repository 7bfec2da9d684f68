package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.audit.AuditLog;
import dev.postern.audit.AuditPage;
import dev.postern.audit.AuditQuery;
import dev.postern.audit.Change;
import dev.postern.audit.Outcome;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/audit}: lists recorded changes, and checks that none was edited or removed. */
final class AuditEndpoint {
    private static final String ALL = "/api/v1/audit";
    private static final String TAG = "Audit";
    private static final long MAX_SEQUENCE = 999_999_999_999_999L;
    private static final int MAX_ENTRIES = 200;
    private static final int ENTRIES = 50;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final AuditLog audit;

    AuditEndpoint(AuditLog audit) {
        this.audit = audit;
    }

    RouterFunction<ServerResponse> routes() {
        Shape json = Shape.anyObject().orNull();
        Shape change = Shape.object(required("seq", Shape.count(), ""), required("at", Shapes.TIME, ""),
                required("actor", Shape.text(), ""), required("actor_kind", Shape.text(), ""),
                required("source", Shape.text(), "The address of the client."),
                required("action", Shape.text(), "The method of the call."),
                required("target", Shape.text(), "The path of the call, without secrets."),
                required("account", Shapes.ID.orNull(), ""),
                required("outcome", Shape.word(Arrays.stream(Outcome.values()).map(Outcome::word).toList()), ""),
                required("status", Shape.whole(100, 599).orNull(), ""),
                required("ended_at", Shapes.TIME.orNull(), ""), required("before", json, ""),
                required("request", json, ""), required("after", json, "")).named("AuditedChange");
        return new Routes()
                .on(Operation.get(ALL, "listChanges", "Lists recorded changes, latest first.").in(TAG)
                        .accepts(new Parameter("account", Shapes.ID, "Only changes of this account."),
                                new Parameter("actor", Shape.text(), "Only changes by this actor."),
                                new Parameter("action", Shape.text(), "Only changes with this method."),
                                new Parameter("target", Shape.text(), "Only paths that begin with this text."),
                                new Parameter("from", Shapes.TIME, "Only changes that began then or later."),
                                new Parameter("to", Shapes.TIME, "Only changes that began then or before."),
                                new Parameter("before", Shape.whole(1, MAX_SEQUENCE),
                                        "Only changes with a smaller `seq`."),
                                new Parameter("limit", Shape.whole(1, MAX_SEQUENCE), "The number of changes, at most "
                                        + MAX_ENTRIES + "; " + ENTRIES + " by default."))
                        .returns(Shape.object(required("changes", Shape.list(change, MAX_ENTRIES), ""),
                                required("next_before", Shape.count().orNull(), "`before` of the next page."))),
                        this::list)
                .on(Operation.get(ALL + "/verify", "verifyChanges", "Checks that no change was edited or removed.")
                        .in(TAG)
                        .returns(
                                Shape.object(required("intact", Shape.flag(), ""), required("first", Shape.count(), ""),
                                        required("last", Shape.count(), ""), required("head", Shape.text(), ""),
                                        required("fault", Shape.text().orNull(), ""))),
                        this::verify)
                .build();
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        AuditQuery query = new AuditQuery(
                Lists.single(request, "account").map(AuditEndpoint::account), Lists.single(request, "actor"),
                Lists.single(request, "action"), Lists.single(request, "target"), instant(request, "from"),
                instant(request, "to"), number(request, "before"),
                number(request, "limit").map(limit -> (int) Math.min(limit, MAX_ENTRIES)).orElse(ENTRIES));
        return audit.list(query).flatMap(page -> {
            ObjectNode json = JSON.createObjectNode();
            ArrayNode list = json.putArray("changes");
            page.changes().forEach(change -> list.add(json(change)));
            json.put("next_before", page.next().orElse(null));
            return Replies.ok(json);
        });
    }

    private static AccountId account(String text) {
        if (!AccountId.isValid(text)) {
            throw new ProblemException(Problem.FIELD_INVALID, "account is not a valid ID");
        }
        return new AccountId(text);
    }

    private static Optional<Instant> instant(ServerRequest request, String name) {
        return Lists.single(request, name).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException malformed) {
                throw new ProblemException(Problem.FIELD_INVALID,
                        name + " is not an instant such as 2026-01-31T00:00:00Z");
            }
        });
    }

    private static Optional<Long> number(ServerRequest request, String name) {
        return Lists.single(request, name).map(text -> {
            if (!text.matches("[1-9][0-9]{0,14}")) {
                throw new ProblemException(Problem.FIELD_INVALID, name + " is not a whole number of at least 1");
            }
            return Long.parseLong(text);
        });
    }

    private static ObjectNode json(AuditPage.Recorded recorded) {
        Change change = recorded.change();
        ObjectNode json = JSON.createObjectNode().put("seq", recorded.sequence()).put("at", recorded.at().toString())
                .put("actor", change.actor().name()).put("actor_kind", change.actor().kind().word())
                .put("source", change.actor().source()).put("action", change.action()).put("target", change.target());
        json.put("account", change.account().map(Object::toString).orElse(null));
        json.put("outcome", recorded.outcome().word()).put("status", recorded.status().orElse(null))
                .put("ended_at", recorded.ended().map(Instant::toString).orElse(null));
        put(json, "before", change.before());
        put(json, "request", change.request());
        put(json, "after", recorded.after());
        return json;
    }

    private static void put(ObjectNode json, String name, @Nullable ObjectNode value) {
        if (value == null) {
            json.putNull(name);
        } else {
            json.set(name, value);
        }
    }

    private Mono<ServerResponse> verify(ServerRequest request) {
        return audit.verify().flatMap(result -> Replies.ok(JSON.createObjectNode().put("intact", result.isIntact())
                .put("first", result.first()).put("last", result.last()).put("head", result.head())
                .put("fault", result.fault().orElse(null))));
    }
}
