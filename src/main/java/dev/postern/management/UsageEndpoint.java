package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.Usage;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
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
    private static final int DATE_LENGTH = "2026-11-01".length();

    private final Accounts accounts;
    private final ActiveDevices devices;
    private final Clock clock;

    UsageEndpoint(Accounts accounts, ActiveDevices devices, Clock clock) {
        this.accounts = accounts;
        this.devices = devices;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        Shape.Member active = required("active_devices", Shape.count(), "An estimate.");
        return new AccountRoutes(accounts, "usage").on(Operation.get("", "getUsage",
                "Counts the devices of an account that were called.").in("Accounts")
                .accepts(new Parameter("from", Shapes.DAY, "The first day; by default the first of the month of `to`."),
                        new Parameter("to", Shapes.DAY, "The last day; today by default."))
                .returns(Shape.object(required("from", Shapes.DAY, ""), required("to", Shapes.DAY, ""), active,
                        required("days", Shape.list(Shape.object(required("day", Shapes.DAY, ""), active)), ""),
                        required("months", Shape.list(Shape.object(
                                required("month", Shape.matching("\\d{4}-\\d{2}"), ""), active)), ""))),
                this::show).build();
    }

    private Mono<ServerResponse> show(AccountId account, ServerRequest request) {
        LocalDate to = date(request, "to")
                .orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        LocalDate from = date(request, "from").orElseGet(() -> to.withDayOfMonth(1));
        return JsonInput.valid(() -> devices.usage(account, from, to)).flatMap(usage -> Replies.ok(json(usage)));
    }

    private static Optional<LocalDate> date(ServerRequest request, String name) {
        List<String> values = request.queryParams().get(name);
        if (values == null) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw invalid(name + " is given more than once");
        }
        // Null if the name is not even followed by an equals sign.
        String text = values.getFirst();
        try {
            // The length check rejects years that do not have four digits.
            if (text != null && text.length() == DATE_LENGTH) {
                return Optional.of(LocalDate.parse(text));
            }
        } catch (DateTimeParseException noDate) {
            // Falls through to the exception below.
        }
        throw invalid(name + " is not a date such as 2026-11-01");
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(Problem.FIELD_INVALID, detail);
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
