package dev.postern.management;

import dev.postern.management.contract.Operation;
import dev.postern.support.TestGate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;

/** The operations of a gate's management port. */
final class Operations {
    private Operations() {}

    static List<Operation> of(TestGate gate) {
        List<Operation> found = new ArrayList<>();
        routers(gate).forEach(router -> router.accept(new OperationCollector(found::add)));
        return found;
    }

    static Stream<RouterFunction<?>> routers(TestGate gate) {
        return gate.management().getBeansOfType(RouterFunction.class, true, false).values().stream()
                .map(router -> (RouterFunction<?>) router);
    }
}
