package dev.postern.management;

import dev.postern.management.contract.Operation;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.core.io.Resource;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** Finds the operations of routers that {@link Routes} built. */
final class OperationCollector implements RouterFunctions.Visitor {
    private final Consumer<Operation> found;

    OperationCollector(Consumer<Operation> found) {
        this.found = found;
    }

    @Override
    public void attributes(Map<String, Object> attributes) {
        if (attributes.get(Routes.OPERATION) instanceof Operation operation) {
            found.accept(operation);
        }
    }

    @Override
    public void startNested(RequestPredicate predicate) {}

    @Override
    public void endNested(RequestPredicate predicate) {}

    @Override
    public void route(RequestPredicate predicate, HandlerFunction<?> handler) {}

    @Override
    public void resources(Function<ServerRequest, Mono<Resource>> lookup) {}

    @Override
    public void unknown(RouterFunction<?> router) {}
}
