package dev.postern.management;

import dev.postern.store.AccountWork;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Runs the list calls of an account one at a time, because each list can take much memory. The list calls of
 * {@code /keys} take turns with them.
 */
@Order(-950)
final class ListTurnFilter implements WebFilter {
    /** The last segments of the paths of lists. */
    private static final List<String> PLURALS = List.of("api-keys", "static-tokens", "applications", "rsa-tokens",
            "jwt-tokens",
            "projects", "users", "devices", "blocked-subjects", "usage", "authcodes");

    private final AccountWork work;

    ListTurnFilter(AccountWork work) {
        this.work = work;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> path = exchange.getRequest().getPath().pathWithinApplication().elements().stream()
                .filter(PathContainer.PathSegment.class::isInstance).map(PathContainer.Element::value).toList();
        return exchange.getRequest().getMethod().equals(HttpMethod.GET) && path.size() >= 5
                && path.get(2).equals("accounts") && PLURALS.contains(path.getLast())
                        ? work.list(path.get(3), chain.filter(exchange))
                        : chain.filter(exchange);
    }
}
