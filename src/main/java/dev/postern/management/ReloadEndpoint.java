package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import dev.postern.reload.Mistake;
import dev.postern.reload.ReloadReport;
import dev.postern.reload.Reloads;
import java.util.List;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/config:reload}: makes this gate read its settings again. */
final class ReloadEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Reloads reloads;

    ReloadEndpoint(Reloads reloads) {
        this.reloads = reloads;
    }

    RouterFunction<ServerResponse> routes() {
        Shape difference = Shape.object(required("added", Shape.list(Shape.text()), ""),
                required("removed", Shape.list(Shape.text()), ""), required("changed", Shape.list(Shape.text()), ""));
        return new Routes().on(Operation.post("/api/v1/config:reload", "reloadConfig",
                "Makes this gate read its settings again, and use those that need no restart.").in("Gates")
                .refuses(Problem.CONFIG_INVALID)
                .returns(Shape.object(required("outcome", Shape.word("changed", "unchanged"), ""),
                        required("apis", difference, "The APIs that differ from before."),
                        required("backends", difference, "The named backends that differ from before."),
                        required("settings", Shape.list(Shape.text()),
                                "Other settings that have changed and are in use now."),
                        required("needs_restart", Shape.list(Shape.text()),
                                "Settings that have changed since the start, and are not in use before a restart."))),
                _ -> reload()).build();
    }

    private Mono<ServerResponse> reload() {
        return Mono.fromFuture(() -> reloads.request("a call of the management API"), true).flatMap(report -> {
            if (report.mistake().isPresent()) {
                return Mono.error(new ProblemException(Problem.CONFIG_INVALID,
                        report.mistake().map(Mistake::toString).orElseThrow()));
            }
            ObjectNode json = JSON.createObjectNode().put("outcome", report.outcome().word());
            add(json.putObject("apis"), report.apis());
            add(json.putObject("backends"), report.backends());
            add(json.putArray("settings"), report.settings());
            add(json.putArray("needs_restart"), report.restart());
            return Replies.ok(json);
        });
    }

    private static void add(ObjectNode json, ReloadReport.Difference difference) {
        add(json.putArray("added"), difference.added());
        add(json.putArray("removed"), difference.removed());
        add(json.putArray("changed"), difference.changed());
    }

    private static void add(ArrayNode json, List<String> names) {
        names.forEach(json::add);
    }
}
