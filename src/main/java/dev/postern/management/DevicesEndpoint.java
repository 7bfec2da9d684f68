package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.license.AddDeviceOutcome;
import dev.postern.license.Device;
import dev.postern.license.DeviceList;
import dev.postern.license.Devices;
import dev.postern.license.NewDevice;
import dev.postern.license.Shares;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import java.util.Optional;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/devices}: adds devices to accounts, lists and deletes them, and shares them with other accounts. */
final class DevicesEndpoint {
    static final String PLURAL = "devices";
    private static final String TAG = "Devices";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Accounts accounts;
    private final Devices devices;
    private final DeviceList list;
    private final Shares shares;

    DevicesEndpoint(Accounts accounts, Devices devices, DeviceList list, Shares shares) {
        this.accounts = accounts;
        this.devices = devices;
        this.list = list;
        this.shares = shares;
    }

    RouterFunction<ServerResponse> routes() {
        return new AccountRoutes(accounts, PLURAL)
                .on(Operation.post("", "addDevice", "Adds a device.").in(TAG).takes(DeviceShapes.NEW_DEVICE)
                        .creates(DeviceShapes.DEVICE).with(Trait.ETAG).refuses(Problem.ALREADY_EXISTS,
                                Problem.LIMIT_REACHED, Problem.CONCURRENT_CHANGE, Problem.ACCOUNT_FULL),
                        this::add)
                .on(Shapes.list(Operation.get("", "listDevices", "Lists devices: first those with a seat."), PLURAL,
                        DeviceShapes.DEVICE).in(TAG).accepts(Shapes.search("title"),
                                new Parameter("project", Shapes.ID, "Only devices of this project."),
                                new Parameter("user", Shapes.ID, "Only devices of this user."),
                                new Parameter("seat", Shape.word("true", "false"),
                                        "Only devices with a seat, or without."),
                                new Parameter("origin", Shape.word("direct", "shared"),
                                        "Only devices that the account owns, or that are shared with it."))
                        .refuses(Problem.LIMIT_REACHED), this::list)
                .on(Operation.get("/{device}", "getDevice", "Shows a device.").in(TAG).returns(DeviceShapes.DEVICE)
                        .with(Trait.ETAG, Trait.IF_NONE_MATCH), this::find)
                .on(Operation.delete("/{device}", "deleteDevice",
                        "Deletes a device with its shares, and frees its seat.").in(TAG).with(Trait.IF_MATCH)
                        .refuses(Problem.CONCURRENT_CHANGE), this::delete)
                .on(Operation.post("/{device}/shares", "shareDevice", "Shares a device with another account.").in(TAG)
                        .takes(DeviceShapes.RECEIVER).creates(DeviceShapes.SHARE).refuses(Problem.ALREADY_EXISTS,
                                Problem.LIMIT_REACHED, Problem.NOT_POSSIBLE),
                        this::share)
                .on(Shapes.list(Operation.get("/{device}/shares", "listDeviceShares",
                        "Lists the accounts that a device is shared with."), "shares", DeviceShapes.RECEIVER).in(TAG),
                        this::receivers)
                .on(Operation.delete("/{device}/shares", "endDeviceShares", "Ends all shares of a device.").in(TAG),
                        this::endShares)
                .on(Operation.delete("/{device}/shares/{receiver}", "endDeviceShare", "Ends a share of a device.")
                        .in(TAG), this::endShare)
                .build();
    }

    private Mono<ServerResponse> add(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            NewDevice device = newDevice(input);
            return devices.add(account, device).flatMap(outcome -> outcome == AddDeviceOutcome.ADDED
                    ? list.find(account, device.id()).flatMap(added -> Replies.created(
                            AccountPath.of(account) + "/" + PLURAL + "/" + device.id(), json(added)))
                    : Mono.error(new ProblemException(problem(outcome),
                            "Device " + device.id() + ": " + outcome.text(device))));
        });
    }

    static NewDevice newDevice(JsonInput input) {
        return new NewDevice(input.deviceId("id"), input.name("title"), input.groupId("project"),
                input.groupId("user"));
    }

    private static Problem problem(AddDeviceOutcome outcome) {
        return switch (outcome) {
            case ADDED -> throw new IllegalStateException("the device was added");
            case ALREADY_THERE, HELD_BY_ANOTHER -> Problem.ALREADY_EXISTS;
            case TOO_MANY, PROJECT_FULL, USER_FULL, NO_SEAT -> Problem.LIMIT_REACHED;
            case PROJECT_UNKNOWN, USER_UNKNOWN -> Problem.FIELD_INVALID;
            case ACCOUNT_GONE -> Problem.NOT_FOUND;
            case BUSY -> Problem.CONCURRENT_CHANGE;
        };
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        DeviceList.Filter filter = new DeviceList.Filter(Lists.like(request, "title"), group(request, "project"),
                group(request, "user"), Lists.single(request, "seat").map(text -> word("seat", text, "true", "false")),
                Lists.single(request, "origin").map(text -> word("origin", text, "direct", "shared")));
        return list.list(account, filter, page)
                .flatMap(found -> Lists.reply(PLURAL, page, found, DevicesEndpoint::json));
    }

    private static boolean word(String name, String text, String yes, String no) {
        if (!text.equals(yes) && !text.equals(no)) {
            throw new ProblemException(Problem.FIELD_INVALID, name + " is neither " + yes + " nor " + no);
        }
        return text.equals(yes);
    }

    private static Optional<String> group(ServerRequest request, String name) {
        Optional<String> id = Lists.single(request, name);
        if (id.isPresent() && !DeviceGroup.isValid(id.get())) {
            throw new ProblemException(Problem.FIELD_INVALID, name + " is not an ID");
        }
        return id;
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        return list.find(account, device).switchIfEmpty(notFound(device))
                .flatMap(found -> Replies.ok(json(found)));
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        return devices.delete(account, device)
                .flatMap(deleted -> deleted ? Replies.deleted() : notFound(device));
    }

    private Mono<ServerResponse> share(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        return JsonInput.read(request).flatMap(input -> {
            AccountId with = input.accountId("account");
            if (with.equals(account)) {
                throw new ProblemException(Problem.FIELD_INVALID, "account must not be the owner of the device");
            }
            return accounts.find(with).switchIfEmpty(AccountPath.notFound(with))
                    .then(shares.share(account, device, with))
                    .then(Mono.defer(() -> Replies.created(
                            AccountPath.of(account) + "/" + PLURAL + "/" + device + "/shares/" + with,
                            JSON.createObjectNode().put("device", device.value()).put("account", with.value()))));
        });
    }

    private Mono<ServerResponse> receivers(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        Page.Request page = Lists.page(request);
        return list.find(account, device).switchIfEmpty(notFound(device)).then(shares.receivers(account, device))
                .flatMap(all -> Lists.reply("shares", page, page.of(all),
                        with -> JSON.createObjectNode().put("account", with.value())));
    }

    private Mono<ServerResponse> endShares(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        return list.find(account, device).switchIfEmpty(notFound(device)).then(shares.receivers(account, device))
                .flatMap(all -> Flux.fromIterable(all).concatMap(with -> shares.end(account, device, with)).then())
                .then(Mono.defer(Replies::deleted));
    }

    private Mono<ServerResponse> endShare(AccountId account, ServerRequest request) {
        DeviceId device = device(request);
        String receiver = request.pathVariable("receiver");
        if (!AccountId.isValid(receiver)) {
            throw new ProblemException(Problem.NOT_FOUND, "The account ID is not valid.");
        }
        return shares.end(account, device, new AccountId(receiver)).flatMap(ended -> ended
                ? Replies.deleted()
                : Mono.error(new ProblemException(Problem.NOT_FOUND,
                        "Device " + device + " is not shared with account " + receiver + ".")));
    }

    private static DeviceId device(ServerRequest request) {
        String id = request.pathVariable("device");
        if (!DeviceId.isValid(id)) {
            throw new ProblemException(Problem.NOT_FOUND, "The device ID is not valid.");
        }
        return new DeviceId(id);
    }

    private static <T> Mono<T> notFound(DeviceId device) {
        return Mono.error(
                () -> new ProblemException(Problem.NOT_FOUND, "The account has no device " + device + "."));
    }

    private static ObjectNode json(Device device) {
        ObjectNode json = JSON.createObjectNode().put("id", device.id().value()).put("title", device.title());
        return switch (device) {
            case Device.Direct(var _, var _, var project, var user, var seated) -> json
                    .put("project", project.orElse(null)).put("user", user.orElse(null))
                    .put("origin", "direct").put("seat", seated);
            case Device.Shared(var _, var _, var owner) -> json.putNull("project").putNull("user")
                    .put("origin", "shared").put("seat", false).put("owner", owner.value());
        };
    }
}
