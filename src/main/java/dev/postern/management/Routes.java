package dev.postern.management;

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

/** Routes calls by method and path. A known path with another method is answered with 405 rather than 404. */
final class Routes {
    private final RouterFunctions.Builder routes = RouterFunctions.route();
    private final Map<String, Set<HttpMethod>> methods = new LinkedHashMap<>();

    Routes on(HttpMethod method, String path, HandlerFunction<ServerResponse> call) {
        routes.route(RequestPredicates.method(method).and(RequestPredicates.path(path)), call);
        methods.computeIfAbsent(path, _ -> new LinkedHashSet<>()).add(method);
        return this;
    }

    RouterFunction<ServerResponse> build() {
        methods.forEach((path, taken) -> routes.route(RequestPredicates.path(path),
                request -> Mono.error(new MethodNotAllowedException(request.method(), taken))));
        return routes.build();
    }
}
