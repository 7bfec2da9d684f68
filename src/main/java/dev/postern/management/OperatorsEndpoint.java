package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Shape;
import dev.postern.operator.Operator;
import dev.postern.operator.Operators;
import dev.postern.operator.Role;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/v1/operators}: the operators who sign in with a name and a password; {@code /api/v1/me}: the caller. */
final class OperatorsEndpoint {
    private static final String ALL = "/api/v1/operators";
    private static final String ONE = ALL + "/{name}";
    private static final String TAG = "Operators";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Operators operators;

    OperatorsEndpoint(Operators operators) {
        this.operators = operators;
    }

    RouterFunction<ServerResponse> routes() {
        Shape.Member name = required("name", Shape.matching("[a-z0-9][a-z0-9._-]{0,63}"), "");
        Shape.Member role = required("role", Shape.word("viewer", "editor", "admin"), "");
        Shape.Member password = required("password", Shape.text(),
                "At least 12 characters, and at most 72 bytes.");
        Shape operator = Shape.object(name, role, required("enabled", Shape.flag(), ""),
                required("created_at", Shapes.TIME, "")).named("Operator");
        return new Routes()
                .on(Operation.post(ALL, "createOperator", "Creates an operator.").in(TAG)
                        .takes(Shape.object(name, role, password)).creates(operator).with(Trait.ETAG)
                        .refuses(Problem.ALREADY_EXISTS, Problem.LIMIT_REACHED), this::create)
                .on(Operation.get(ALL, "listOperators", "Lists all operators, by name.").in(TAG)
                        .returns(Shape.object(required("total_count", Shape.count(), ""),
                                required("operators", Shape.list(operator), ""))),
                        this::list)
                .on(Operation.get(ONE, "getOperator", "Shows an operator.").in(TAG).returns(operator)
                        .with(Trait.ETAG), this::find)
                .on(Operation.put(ONE, "replaceOperator", "Replaces the role and the state of an operator.").in(TAG)
                        .takes(Shape.object(role, optional("enabled", Shape.flag(), "Defaults to true.")))
                        .returns(operator).with(Trait.ETAG, Trait.IF_MATCH).refuses(Problem.CONCURRENT_CHANGE),
                        this::replace)
                .on(Operation.delete(ONE, "deleteOperator", "Deletes an operator.").in(TAG).with(Trait.IF_MATCH)
                        .refuses(Problem.CONCURRENT_CHANGE), this::delete)
                .on(Operation.put(ONE + "/password", "changePassword", "Sets a new password.").in(TAG)
                        .takes(Shape.object(password)).returns(operator).with(Trait.ETAG, Trait.IF_MATCH)
                        .refuses(Problem.CONCURRENT_CHANGE), this::changePassword)
                .on(Operation.get("/api/v1/me", "getCaller", "Shows who makes the call.").in(TAG)
                        .returns(Shape.object(required("kind", Shape.text(), "How the caller was authenticated."),
                                required("name", Shape.text(), ""), role,
                                required("account", Shapes.ID.orNull(), "The only account that the caller may see."))),
                        this::me)
                .build();
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            String name = input.string("name");
            if (!Operator.isName(name)) {
                throw new ProblemException(Problem.FIELD_INVALID, "name is not valid: 1 to 64 characters of a-z 0-9"
                        + " . _ -, of which the first is a letter or digit");
            }
            return operators.create(name, role(input), password(input, name));
        }).flatMap(operator -> Replies.created(ALL + "/" + operator.name(), json(operator)));
    }

    private static Role role(JsonInput input) {
        return Role.named(input.string("role")).orElseThrow(
                () -> new ProblemException(Problem.FIELD_INVALID, "role must be viewer, editor or admin"));
    }

    private static String password(JsonInput input, String name) {
        String password = input.string("password");
        Operators.complaint(password, name).ifPresent(complaint -> {
            throw new ProblemException(Problem.FIELD_INVALID, "password " + complaint);
        });
        return password;
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        return operators.list().flatMap(all -> {
            ObjectNode json = JSON.createObjectNode().put("total_count", all.size());
            ArrayNode list = json.putArray("operators");
            all.forEach(operator -> list.add(json(operator)));
            return Replies.ok(json);
        });
    }

    private Mono<ServerResponse> find(ServerRequest request) {
        return operators.require(request.pathVariable("name")).flatMap(operator -> Replies.ok(json(operator)));
    }

    private Mono<ServerResponse> replace(ServerRequest request) {
        return JsonInput.read(request).flatMap(input -> {
            Role role = role(input);
            boolean enabled = input.flag("enabled", true);
            return operators.change(request.pathVariable("name"), operator -> operator.with(role, enabled));
        }).flatMap(operator -> Replies.ok(json(operator)));
    }

    private Mono<ServerResponse> changePassword(ServerRequest request) {
        String name = request.pathVariable("name");
        return JsonInput.read(request)
                .flatMap(input -> operators.changePassword(name, password(input, name)))
                .flatMap(operator -> Replies.ok(json(operator)));
    }

    private Mono<ServerResponse> delete(ServerRequest request) {
        return operators.delete(request.pathVariable("name")).then(Mono.defer(Replies::deleted));
    }

    private Mono<ServerResponse> me(ServerRequest request) {
        Caller caller = Caller.of(request.exchange());
        ObjectNode json = JSON.createObjectNode().put("kind", caller.actor().kind().word())
                .put("name", caller.actor().name()).put("role", caller.role().word());
        json.put("account", caller.account().map(Object::toString).orElse(null));
        return Replies.ok(json);
    }

    private static ObjectNode json(Operator operator) {
        return JSON.createObjectNode().put("name", operator.name()).put("role", operator.role().word())
                .put("enabled", operator.enabled()).put("created_at", operator.created().toString());
    }

}
