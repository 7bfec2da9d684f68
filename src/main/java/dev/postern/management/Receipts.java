package dev.postern.management;

import dev.postern.store.Gates;
import dev.postern.store.StoreUnavailableException;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls that change something take {@code ?receipt=true}, and are answered when all live gates know of the change, or after two
 * seconds, with those that do and those that do not.
 */
@Order(-900)
final class Receipts implements WebFilter {
    static final String MEMBER = "receipt";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gates gates;

    Receipts(Gates gates) {
        this.gates = gates;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> values = exchange.getRequest().getQueryParams().getOrDefault(MEMBER, List.of());
        if (values.isEmpty()) {
            return chain.filter(exchange);
        }
        HttpMethod method = exchange.getRequest().getMethod();
        if (values.size() > 1 || !("true".equals(values.getFirst()) || "false".equals(values.getFirst()))
                || method.equals(HttpMethod.GET)) {
            return ManagementErrors.write(exchange, Problem.FIELD_INVALID,
                    "receipt is true or false, and goes with calls that change something.");
        }
        return "true".equals(values.getFirst())
                ? chain.filter(exchange).contextWrite(context -> context.put(Receipts.class, this))
                : chain.filter(exchange);
    }

    /** The receipt of what was changed, as a member of its own; empty when none is asked for. */
    static Mono<ObjectNode> wanted() {
        return Mono.deferContextual(context -> context.<Receipts>getOrEmpty(Receipts.class)
                .map(receipts -> receipts.gates.receipt().map(GatesEndpoint::json)
                        // The change is made; that nobody can say who knows of it does not undo it.
                        .onErrorResume(StoreUnavailableException.class, _ -> Mono.just(JSON.createObjectNode()
                                .put("complete", false).put("trouble", "Redis does not answer any more")))
                        .map(receipt -> {
                            ObjectNode json = JSON.createObjectNode();
                            json.set(MEMBER, receipt);
                            return json;
                        }))
                .orElseGet(Mono::empty));
    }
}
