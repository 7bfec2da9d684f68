package dev.postern.management;

import dev.postern.management.contract.Operation;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.MethodNotAllowedException;
import reactor.core.publisher.Mono;

/**
 * Routes calls to operations by method and path. A known path with another method is answered with 405 rather than 404.
 */
final class Routes {
    /** The name of the route attribute whose value is the {@link Operation}. */
    static final String OPERATION = "operation";

    private final RouterFunctions.Builder routes = RouterFunctions.route();
    private final Map<String, Set<HttpMethod>> methods = new LinkedHashMap<>();

    Routes on(Operation operation, HandlerFunction<ServerResponse> call) {
        StandardParts.addTo(operation);
        routes.route(RequestPredicates.method(operation.method()).and(RequestPredicates.path(operation.path())),
                new CheckedCall(operation, call)).withAttribute(OPERATION, operation);
        methods.computeIfAbsent(operation.path(), _ -> new LinkedHashSet<>()).add(operation.method());
        return this;
    }

    RouterFunction<ServerResponse> build() {
        methods.forEach((path, taken) -> routes.route(RequestPredicates.path(path),
                request -> Mono.error(new MethodNotAllowedException(request.method(), taken))));
        return routes.build();
    }
}
