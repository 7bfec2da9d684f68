package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.usage.CredentialUsage;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The routes that every {@link CredentialKind} has: create, list, find, replace, delete, and usage.
 *
 * @param <L> a credential in a list
 */
final class CredentialEndpoint<L> {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final CredentialKind<L> kind;
    private final CredentialUsage usage;
    private final RotationCalls rotation;
    private final Clock clock;

    CredentialEndpoint(Accounts accounts, CredentialKind<L> kind, CredentialUsage usage, RotationCalls rotation,
            Clock clock) {
        this.accounts = accounts;
        this.kind = kind;
        this.usage = usage;
        this.rotation = rotation;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        return kind.add(new CredentialOperations<>(kind).addTo(new AccountRoutes(accounts, kind.plural()), this))
                .build();
    }

    Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> kind.create(account, input))
                .flatMap(created -> Replies.created(AccountPath.of(account) + "/" + kind.plural() + "/" + id(created),
                        withLastUse(created, Map.of())));
    }

    Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return CredentialUseInput.filter(account, request, usage, clock)
                .flatMap(filter -> kind.credentials().list(account, filter, page))
                .map(found -> found.map(listed -> RotationCalls.current(kind.json(listed), clock.instant())))
                .flatMap(found -> usage.lastUsed(account, found.items().stream().map(CredentialEndpoint::id).toList())
                        .flatMap(used -> Lists.reply(kind.plural().replace('-', '_'), page, found,
                                json -> withLastUse(json, used))));
    }

    Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return kind.find(account, request.pathVariable("id")).flatMap(json -> withUse(account, json))
                .flatMap(Replies::ok);
    }

    Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request)
                .flatMap(input -> kind.replace(account, request.pathVariable("id"), input))
                .flatMap(json -> withUse(account, json)).flatMap(Replies::ok);
    }

    Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return kind.credentials().delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }

    private Mono<ObjectNode> withUse(AccountId account, ObjectNode json) {
        return usage.lastUsed(account, List.of(id(json))).map(used -> withLastUse(json, used))
                .flatMap(shown -> rotation.withDevices(account, shown));
    }

    private static ObjectNode withLastUse(ObjectNode json, Map<String, Instant> used) {
        Instant last = used.get(id(json));
        return json.put("last_used_at", last == null ? null : last.toString());
    }

    private static String id(ObjectNode json) {
        return json.required("id").stringValue();
    }

    Mono<ServerResponse> usage(AccountId account, ServerRequest request) {
        DayRange range = DayRange.read(request, clock);
        String id = request.pathVariable("id");
        return kind.credentials().require(account, id)
                .then(Mono.defer(() -> JsonInput.valid(() -> usage.days(account, id, range.from(), range.to()))))
                .flatMap(days -> Replies.ok(json(range, days)));
    }

    private static ObjectNode json(DayRange range, List<CredentialUsage.Day> days) {
        ObjectNode json = JSON.createObjectNode().put("from", range.from().toString()).put("to", range.to().toString())
                .put("calls", days.stream().mapToLong(CredentialUsage.Day::calls).sum());
        ArrayNode list = json.putArray("days");
        days.forEach(day -> list.addObject().put("day", day.day().toString()).put("calls", day.calls()));
        return json;
    }
}
