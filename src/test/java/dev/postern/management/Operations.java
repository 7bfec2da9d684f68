package dev.postern.management;

import dev.postern.management.contract.Operation;
import dev.postern.support.TestGate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.web.reactive.function.server.RouterFunction;

/** The operations of a gate's management port. */
final class Operations {
    private static final Pattern ROUTE = Pattern.compile("\\(([A-Z]+) && (/\\S+)\\) -> .*");
    /** A route that only says which methods its path has. */
    private static final Pattern METHOD_UNKNOWN = Pattern.compile("/\\S+ -> .*");

    private Operations() {}

    static List<Operation> of(TestGate gate) {
        List<Operation> found = new ArrayList<>();
        routers(gate).forEach(router -> router.accept(new OperationCollector(found::add)));
        return found;
    }

    /** The method and path of each route, as Spring calls them. */
    static List<String> routes(TestGate gate) {
        List<String> found = new ArrayList<>();
        routers(gate).forEach(router -> {
            for (String line : router.toString().split("\\n", -1)) {
                Matcher route = ROUTE.matcher(line.strip());
                if (route.matches()) {
                    found.add(route.group(1) + " " + route.group(2));
                } else if (!line.isBlank() && !METHOD_UNKNOWN.matcher(line.strip()).matches()) {
                    throw new AssertionError("a route that cannot be read: " + line);
                }
            }
        });
        return found;
    }

    private static Stream<RouterFunction<?>> routers(TestGate gate) {
        return gate.management().getBeansOfType(RouterFunction.class, true, false).values().stream()
                .map(router -> (RouterFunction<?>) router);
    }
}
