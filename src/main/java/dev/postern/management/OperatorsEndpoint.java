package dev.postern.management;

import dev.postern.operator.Operator;
import dev.postern.operator.Operators;
import dev.postern.operator.Role;
import org.springframework.http.HttpMethod;
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
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Operators operators;

    OperatorsEndpoint(Operators operators) {
        this.operators = operators;
    }

    RouterFunction<ServerResponse> routes() {
        return new Routes().on(HttpMethod.POST, ALL, this::create).on(HttpMethod.GET, ALL, this::list)
                .on(HttpMethod.GET, ONE, this::find).on(HttpMethod.PUT, ONE, this::replace)
                .on(HttpMethod.DELETE, ONE, this::delete).on(HttpMethod.PUT, ONE + "/password", this::changePassword)
                .on(HttpMethod.GET, "/api/v1/me", this::me).build();
    }

    private Mono<ServerResponse> create(ServerRequest request) {
        return JsonInput.read(request, "name", "role", "password").flatMap(input -> {
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
        return JsonInput.read(request, "role", "enabled").flatMap(input -> {
            Role role = role(input);
            boolean enabled = input.flag("enabled", true);
            return operators.change(request.pathVariable("name"), operator -> operator.with(role, enabled));
        }).flatMap(operator -> Replies.ok(json(operator)));
    }

    private Mono<ServerResponse> changePassword(ServerRequest request) {
        String name = request.pathVariable("name");
        return JsonInput.read(request, "password")
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
