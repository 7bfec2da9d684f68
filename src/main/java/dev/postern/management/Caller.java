package dev.postern.management;

import java.util.Objects;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * Who makes a call. {@link OperatorFilter} decides it.
 *
 * @param name no two callers have the same
 */
record Caller(String name) {
    /** Whoever has the operator token. */
    static final Caller OPERATOR_TOKEN = new Caller("operator-token");
    private static final String ATTRIBUTE = Caller.class.getName();

    /** Notes that this caller makes a call. */
    void calls(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** The caller of a request that {@link OperatorFilter} admitted. */
    static Caller of(ServerRequest request) {
        return (Caller) Objects.requireNonNull(request.attributes().get(ATTRIBUTE), "the caller is unknown");
    }
}
