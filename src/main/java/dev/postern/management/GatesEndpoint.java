package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.account.Page;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import dev.postern.store.Gates;
import dev.postern.store.Replication;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/v1/gates}: lists the gates that share this Redis, with the lag of each. {@code /api/v1/receipts}: says
 * which of them have applied a change by now.
 */
final class GatesEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double MILLIS_PER_SECOND = 1000;

    private final Gates gates;

    GatesEndpoint(Gates gates) {
        this.gates = gates;
    }

    RouterFunction<ServerResponse> routes() {
        Shape gate = Shape.object(required("id", Shape.text(), "The ID of this run of the gate."),
                required("name", Shape.text(), ""),
                required("version", Shape.text(), ""), required("started", Shapes.TIME, ""),
                required("state", Shape.word("live", "suspect", "down", "silent"), ""),
                required("lag", Shape.count(), "How many changes it had not read at its last heartbeat."),
                required("silent_seconds", Shape.number(), "The time since its last heartbeat."));
        return new Routes().on(Shapes.list(Operation.get("/api/v1/gates", "listGates",
                "Lists the gates on this Redis, and how far each is behind its changes."), "gates",
                gate).in("Gates"), this::list)
                .on(Operation.get("/api/v1/receipts/{change}", "getReceipt",
                        "Says which gates have applied a change by now. It does not wait for them.").in("Gates")
                        .returns(Shape.object(members())), this::lookAgain)
                .build();
    }

    private static List<Shape.Member> members() {
        List<Shape.Member> members = new ArrayList<>(Shapes.gatesOfChange());
        members.add(required("complete", Shape.flag(), "Whether every gate that may decide has applied the change."));
        return members;
    }

    private Mono<ServerResponse> lookAgain(ServerRequest request) {
        return gates.receipt(request.pathVariable("change"))
                .switchIfEmpty(Mono.error(() -> new ProblemException(Problem.NOT_FOUND,
                        "The log of changes does not have this change. If a receipt named it, Redis has lost it since;"
                                + " check what the call changed.")))
                .flatMap(receipt -> Replies.ok(progress(receipt).put("complete", receipt.missing().isEmpty())));
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Page.Request page = Lists.page(request);
        return gates.list().map(all -> page.of(all.stream()
                .sorted(Comparator.comparing(Gates.Gate::name).thenComparing(Gates.Gate::started)).toList()))
                .flatMap(found -> Lists.reply("gates", page, found, GatesEndpoint::json));
    }

    private static ObjectNode json(Gates.Gate gate) {
        return named(gate).put("version", gate.version()).put("started", gate.started().toString())
                .put("state", state(gate)).put("lag", gate.lag())
                .put("silent_seconds", gate.silence().toMillis() / MILLIS_PER_SECOND);
    }

    private static String state(Gates.Gate gate) {
        return gate.isSilent() ? "silent" : gate.state().word();
    }

    private static ObjectNode named(Gates.Gate gate) {
        return JSON.createObjectNode().put("id", gate.id()).put("name", gate.name());
    }

    /** A receipt: which gates have applied a change, and how many replicas have it. */
    static ObjectNode json(Gates.Receipt receipt, Replication.Replicas replicas) {
        ObjectNode json = JSON.createObjectNode().put("complete", receipt.missing().isEmpty() && !replicas.isShort());
        return with(json.setAll(progress(receipt)), replicas);
    }

    private static ObjectNode progress(Gates.Receipt receipt) {
        ObjectNode json = JSON.createObjectNode().put("change", receipt.change());
        ArrayNode confirmed = json.putArray("confirmed");
        receipt.confirmed().forEach(gate -> confirmed.add(named(gate)));
        ArrayNode missing = json.putArray("missing");
        receipt.missing().forEach(gate -> missing.add(named(gate).put("state", state(gate))
                .put("decides_for_seconds", gate.decidesFor().toMillis() / MILLIS_PER_SECOND)));
        ArrayNode outOfGrace = json.putArray("out_of_grace");
        receipt.outOfGrace().forEach(gate -> outOfGrace.add(named(gate)));
        return json;
    }

    /** A receipt if it is unknown which gates have applied the change, with the reason. */
    static ObjectNode json(String trouble, Replication.Replicas replicas) {
        return with(JSON.createObjectNode().put("complete", false).put("trouble", trouble),
                replicas);
    }

    private static ObjectNode with(ObjectNode json, Replication.Replicas replicas) {
        ObjectNode counts = json.putObject("replicas");
        count(counts, "connected", replicas.connected());
        count(counts, "confirmed", replicas.confirmed());
        if (replicas.expected() > replicas.connected().orElse(0)) {
            counts.put("expected", replicas.expected());
        }
        return json;
    }

    private static void count(ObjectNode counts, String name, OptionalInt count) {
        if (count.isPresent()) {
            counts.put(name, count.getAsInt());
        } else {
            counts.putNull(name);
        }
    }
}
