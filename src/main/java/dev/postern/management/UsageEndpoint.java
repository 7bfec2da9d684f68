package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Shape;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.Usage;
import java.time.Clock;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/usage}: shows how many devices of an account were called. */
final class UsageEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final ActiveDevices devices;
    private final Clock clock;

    UsageEndpoint(Accounts accounts, ActiveDevices devices, Clock clock) {
        this.accounts = accounts;
        this.devices = devices;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        Shape.Member active = required("active_devices", Shape.count(), "The estimated number.");
        return new AccountRoutes(accounts, "usage").on(Operation.get("", "getUsage",
                "Counts the devices of an account that were called.").in("Accounts")
                .accepts(DayRange.PARAMETERS)
                .returns(Shape.object(required("from", Shapes.DAY, ""), required("to", Shapes.DAY, ""), active,
                        required("days", Shape.list(Shape.object(required("day", Shapes.DAY, ""), active)), ""),
                        required("months", Shape.list(Shape.object(
                                required("month", Shape.matching("\\d{4}-\\d{2}"), ""), active)), ""))),
                this::show).build();
    }

    private Mono<ServerResponse> show(AccountId account, ServerRequest request) {
        DayRange days = DayRange.read(request, clock);
        return JsonInput.valid(() -> devices.usage(account, days.from(), days.to()))
                .flatMap(usage -> Replies.ok(json(usage)));
    }

    private static ObjectNode json(Usage usage) {
        ObjectNode json = JSON.createObjectNode().put("from", usage.from().toString())
                .put("to", usage.to().toString()).put("active_devices", usage.activeDevices());
        ArrayNode days = json.putArray("days");
        usage.days().forEach(
                day -> days.addObject().put("day", day.day().toString()).put("active_devices", day.activeDevices()));
        ArrayNode months = json.putArray("months");
        usage.months().forEach(month -> months.addObject().put("month", month.month().toString())
                .put("active_devices", month.activeDevices()));
        return json;
    }
}
