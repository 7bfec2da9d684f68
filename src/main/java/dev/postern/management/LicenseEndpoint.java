package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import dev.postern.license.License;
import dev.postern.license.LicenseExtensions;
import dev.postern.license.LicenseExtensions.Extension;
import dev.postern.license.LicenseLedger;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseOverview;
import dev.postern.license.LicenseSettings;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import java.util.List;
import java.util.Optional;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code …/license}: shows and changes an account's license and its extensions, and shows its ledger. */
final class LicenseEndpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TAG = "Licenses";
    private static final int MAX_ENTRIES = 1000;
    private static final int ENTRIES = 100;

    private final Accounts accounts;
    private final LicenseManagement licenses;
    private final LicenseExtensions extensions;
    private final LicenseLedger ledger;

    LicenseEndpoint(Accounts accounts, LicenseManagement licenses, LicenseExtensions extensions, LicenseLedger ledger) {
        this.accounts = accounts;
        this.licenses = licenses;
        this.extensions = extensions;
        this.ledger = ledger;
    }

    RouterFunction<ServerResponse> routes() {
        Shape id = Shape.matching("\\d{1,19}-\\d{1,19}");
        return new AccountRoutes(accounts, "license")
                .on(Operation.get("", "getLicense", "Shows the license.").in(TAG).returns(DeviceShapes.LICENSE)
                        .with(Trait.ETAG), this::find)
                .on(Operation.get("/forecast", "getLicenseForecast",
                        "Shows how many seats were in use at the end of each of the last 30 days, and predicts when none will be free.")
                        .in(TAG)
                        .returns(DeviceShapes.FORECAST), this::forecast)
                .on(Operation.put("", "changeLicense", "Changes the given members of the license.").in(TAG)
                        .takes(DeviceShapes.LICENSE_CHANGE).returns(DeviceShapes.CHANGED_LICENSE)
                        .with(Trait.ETAG, Trait.IF_MATCH).refuses(Problem.NOT_POSSIBLE, Problem.CONCURRENT_CHANGE),
                        this::change)
                .on(Operation.post("/seats:move", "moveSeat", "Gives the seat of one device to another.").in(TAG)
                        .takes(DeviceShapes.SEAT_MOVE).returns(DeviceShapes.SEAT_MOVE).refuses(Problem.NOT_POSSIBLE),
                        this::moveSeat)
                .on(Operation.get("/ledger", "getLicenseLedger",
                        "Lists seats that were taken, lost and moved; latest first, or oldest first with `after`.")
                        .in(TAG)
                        .accepts(new Parameter("before", id, "Only entries before this one."),
                                new Parameter("after", id, "Only entries after this one; `0-0` for all."),
                                new Parameter("per_page", Shape.whole(1, MAX_ENTRIES),
                                        "The number of entries; " + ENTRIES + " by default."))
                        .returns(DeviceShapes.LEDGER), this::ledger)
                .on(Operation.post("/extensions", "requestExtension", "Requests an extension of a free license.")
                        .in(TAG)
                        .takes(DeviceShapes.EXTENSION_REQUEST).with(Trait.BODY_OPTIONAL)
                        .creates(DeviceShapes.EXTENSION).with(Trait.ETAG)
                        .refuses(Problem.ALREADY_EXISTS, Problem.NOT_POSSIBLE), this::requestExtension)
                .on(Shapes.list(
                        Operation.get("/extensions", "listExtensions",
                                "Lists requests for an extension, latest first."),
                        "extensions", DeviceShapes.EXTENSION).in(TAG), this::listExtensions)
                .on(Operation.get("/extensions/{id}", "getExtension", "Shows a request for an extension.").in(TAG)
                        .returns(DeviceShapes.EXTENSION).with(Trait.ETAG, Trait.IF_NONE_MATCH), this::findExtension)
                .on(Operation
                        .put("/extensions/{id}", "decideExtension", "Approves or refuses a request for an extension.")
                        .in(TAG)
                        .takes(DeviceShapes.DECISION).returns(DeviceShapes.EXTENSION).with(Trait.ETAG, Trait.IF_MATCH)
                        .refuses(Problem.NOT_POSSIBLE, Problem.CONCURRENT_CHANGE), this::decideExtension)
                .build();
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return licenses.require(account).flatMap(overview -> Replies.ok(json(overview)));
    }

    private Mono<ServerResponse> forecast(AccountId account, ServerRequest request) {
        return licenses.require(account).flatMap(overview -> {
            ObjectNode json = JSON.createObjectNode().put("seats", overview.license().seats())
                    .put("used", overview.used())
                    .put("full_on", overview.fullOn().map(Object::toString).orElse(null));
            ArrayNode days = json.putArray("days");
            overview.byDay().forEach((day, used) -> days.addObject().put("day", day.toString()).put("used", used));
            return Replies.ok(json);
        });
    }

    private Mono<ServerResponse> change(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            LicenseManagement.Change change = new LicenseManagement.Change(
                    input.optionalWord("plan", List.of(License.Plan.values()), License.Plan::word),
                    input.optionalNumber("seats", 0, LicenseSettings.MAX_SEATS),
                    input.optionalNumber("years", 1, LicenseSettings.MAX_YEARS),
                    input.optionalInstant("valid_until"),
                    input.has("enabled") ? Optional.of(input.flag("enabled", true)) : Optional.empty());
            if (change.years().isPresent() && change.until().isPresent()) {
                throw new ProblemException(Problem.FIELD_INVALID, "years and valid_until exclude each other");
            }
            return licenses.change(account, change);
        }).flatMap(changed -> {
            ObjectNode json = json(changed.overview()).put("unseated_count", changed.unseatedCount());
            ArrayNode unseated = json.putArray("unseated");
            changed.unseated().forEach(device -> unseated.add(device.value()));
            return Replies.ok(json);
        });
    }

    private static ObjectNode json(LicenseOverview overview) {
        License license = overview.license();
        return JSON.createObjectNode().put("plan", license.plan().word()).put("seats", license.seats())
                .put("used", overview.used()).put("waiting", overview.waiting())
                .put("valid_from", license.from().toString()).put("valid_until", license.until().toString())
                .put("state", overview.state().word())
                .put("full_on", overview.fullOn().map(Object::toString).orElse(null))
                .put("enabled", license.enabled());
    }

    private Mono<ServerResponse> moveSeat(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            DeviceId from = input.deviceId("from");
            DeviceId to = input.deviceId("to");
            if (from.equals(to)) {
                throw new ProblemException(Problem.FIELD_INVALID, "from and to are the same device");
            }
            return licenses.moveSeat(account, from, to).then(Mono.defer(() -> Replies.ok(
                    JSON.createObjectNode().put("from", from.value()).put("to", to.value()))));
        });
    }

    private Mono<ServerResponse> requestExtension(AccountId account, ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> extensions.request(account,
                input.optionalText("note", LicenseExtensions.MAX_NOTE).orElse("")))
                .flatMap(made -> Replies.created(
                        AccountPath.of(account) + "/license/extensions/" + made.id(), json(made)));
    }

    private Mono<ServerResponse> listExtensions(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return extensions.list(account)
                .flatMap(all -> Lists.reply("extensions", page, page.of(all), LicenseEndpoint::json));
    }

    private Mono<ServerResponse> findExtension(AccountId account, ServerRequest request) {
        return extensions.require(account, id(request)).flatMap(found -> Replies.ok(json(found)));
    }

    private Mono<ServerResponse> decideExtension(AccountId account, ServerRequest request) {
        long id = id(request);
        return JsonInput.read(request).flatMap(input -> {
            LicenseExtensions.State state = input.optionalWord("state",
                    List.of(LicenseExtensions.State.APPROVED, LicenseExtensions.State.REFUSED),
                    LicenseExtensions.State::word)
                    .orElseThrow(() -> new ProblemException(Problem.FIELD_INVALID, "state is missing"));
            return state == LicenseExtensions.State.APPROVED
                    ? extensions.approve(account, id)
                    : extensions.refuse(account, id);
        }).flatMap(decided -> Replies.ok(json(decided)));
    }

    private static long id(ServerRequest request) {
        String text = request.pathVariable("id");
        if (!text.matches("[1-9]\\d{0,17}")) {
            throw new ProblemException(Problem.NOT_FOUND, "The extension ID is not valid.");
        }
        return Long.parseLong(text);
    }

    private static ObjectNode json(Extension extension) {
        return JSON.createObjectNode().put("id", Long.toString(extension.id())).put("state", extension.state().word())
                .put("note", extension.note()).put("requested_at", extension.requested().toString())
                .put("decided_at", extension.decided().map(Object::toString).orElse(null))
                .put("valid_until", extension.until().map(Object::toString).orElse(null));
    }

    private Mono<ServerResponse> ledger(AccountId account, ServerRequest request) {
        Optional<String> before = entry(request, "before");
        Optional<String> after = entry(request, "after");
        if (before.isPresent() && after.isPresent()) {
            throw new ProblemException(Problem.FIELD_INVALID, "before and after exclude each other");
        }
        int count = Lists.single(request, "per_page").map(text -> {
            if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > MAX_ENTRIES) {
                throw new ProblemException(Problem.FIELD_INVALID,
                        "per_page is not a number from 1 to " + MAX_ENTRIES);
            }
            return Integer.valueOf(text);
        }).orElse(ENTRIES);
        return (after.isPresent() ? ledger.after(account, after.get(), count) : ledger.before(account, before, count))
                .flatMap(part -> {
                    ObjectNode json = JSON.createObjectNode().put("total_count", part.totalCount())
                            .put("per_page", count);
                    ArrayNode entries = json.putArray("entries");
                    part.entries().forEach(entry -> entries.add(json(entry)));
                    return Replies.ok(json);
                });
    }

    private static Optional<String> entry(ServerRequest request, String name) {
        Optional<String> id = Lists.single(request, name);
        if (id.isPresent() && !LicenseLedger.isId(id.get())) {
            throw new ProblemException(Problem.FIELD_INVALID, name + " is neither the ID of an entry nor 0-0");
        }
        return id;
    }

    private static ObjectNode json(LicenseLedger.Entry entry) {
        ObjectNode json = JSON.createObjectNode().put("id", entry.id()).put("at", entry.at().toString())
                .put("event", entry.event()).put("device", entry.device().value());
        entry.from().ifPresent(from -> json.put("from", from.value()));
        return json.put("why", entry.why()).put("used", entry.used());
    }
}
