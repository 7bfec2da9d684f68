package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.DeviceGroups;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Shape;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/projects} or {@code …/users}: groups the devices of an account under a name. */
final class DeviceGroupsEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TAG = "Projects and users";
    /** Large enough for the JSON of the maximum number of devices with IDs of the maximum length. */
    private static final int MAX_BODY = 2 * 1024 * 1024;

    private final Accounts accounts;
    private final DeviceGroups groups;
    private final DeviceGroup.Kind kind;
    private final String plural;

    DeviceGroupsEndpoint(Accounts accounts, DeviceGroups groups, DeviceGroup.Kind kind) {
        this.accounts = accounts;
        this.groups = groups;
        this.kind = kind;
        this.plural = kind.word() + "s";
    }

    RouterFunction<ServerResponse> routes() {
        String noun = kind == DeviceGroup.Kind.PROJECT ? "Project" : "User";
        Shape.Member id = optional("id", Shapes.ID, "Generated if absent.");
        Shape.Member name = required("name", Shapes.NAME, "");
        Shape.Member devices = required("devices", Shape.list(Shapes.ID, DeviceGroups.MAX_DEVICES), "");
        Shape group = Shape.object(required("id", Shapes.ID, ""), name, devices).named(noun);
        return new AccountRoutes(accounts, plural)
                .on(Operation.post("", "create" + noun, "Creates a " + kind.word() + ".").in(TAG).upTo(MAX_BODY)
                        .takes(Shape.object(id, name, devices)).creates(group).with(Trait.ETAG)
                        .refuses(Problem.ALREADY_EXISTS, Problem.LIMIT_REACHED, Problem.ACCOUNT_FULL), this::create)
                .on(Shapes.list(Operation.get("", "list" + noun + "s", "Lists " + plural + "."), plural, group).in(TAG)
                        .accepts(Shapes.search("name")), this::list)
                .on(Operation.get("/{id}", "get" + noun, "Shows a " + kind.word() + ".").in(TAG).returns(group)
                        .with(Trait.ETAG, Trait.IF_NONE_MATCH), this::find)
                .on(Operation.put("/{id}", "replace" + noun, "Replaces a " + kind.word() + ".").in(TAG).upTo(MAX_BODY)
                        .takes(Shape.object(name, devices)).returns(group).with(Trait.ETAG, Trait.IF_MATCH)
                        .refuses(Problem.ACCOUNT_FULL), this::replace)
                .on(Operation.delete("/{id}", "delete" + noun, "Deletes a " + kind.word() + ".").in(TAG)
                        .with(Trait.IF_MATCH), this::delete)
                .build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request)
                .flatMap(input -> group(input).map(group -> details(group, input)))
                .flatMap(details -> groups.create(account, details).then(Mono.defer(() -> Replies.created(
                        AccountPath.of(account) + "/" + plural + "/" + details.group().id(), json(details)))));
    }

    private Mono<DeviceGroup> group(JsonInput input) {
        return input.groupId("id").map(id -> Mono.just(new DeviceGroup(kind, id)))
                .orElseGet(() -> DeviceGroups.newGroup(kind));
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return groups.list(account, kind, Lists.name(request), page)
                .flatMap(found -> Lists.reply(plural, page, found, DeviceGroupsEndpoint::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return groups.require(account, group(request)).flatMap(details -> Replies.ok(json(details)));
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        DeviceGroup group = group(request);
        return JsonInput.read(request).map(input -> details(group, input))
                .flatMap(details -> groups.replace(account, details)
                        .then(Mono.defer(() -> Replies.ok(json(details)))));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        DeviceGroup group = group(request);
        return groups.delete(account, group).flatMap(deleted -> deleted
                ? Replies.deleted()
                : Mono.error(new ProblemException(Problem.NOT_FOUND, "The " + group + " does not exist.")));
    }

    private DeviceGroup group(ServerRequest request) {
        String id = request.pathVariable("id");
        if (!DeviceGroup.isValid(id)) {
            throw new ProblemException(Problem.NOT_FOUND, "No " + kind.word() + " has this ID.");
        }
        return new DeviceGroup(kind, id);
    }

    private static DeviceGroups.Details details(DeviceGroup group, JsonInput input) {
        return new DeviceGroups.Details(group, input.name("name"),
                input.ids("devices", DeviceGroups.MAX_DEVICES, DeviceId::isValid, DeviceId::new));
    }

    private static ObjectNode json(DeviceGroups.Details details) {
        ObjectNode json = JSON.createObjectNode().put("id", details.group().id()).put("name", details.name());
        CredentialJson.putIds(json.putArray("devices"), details.devices().stream().map(DeviceId::value).toList());
        return json;
    }
}
