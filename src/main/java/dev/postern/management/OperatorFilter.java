package dev.postern.management;

import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Guards the management port, before any other filter. Health and metrics are open, for Prometheus and the probes of
 * Kubernetes; everything else needs the operator's token. Other paths than {@code /api/v1/…}, {@code /actuator/…} and {@code /v3/api-docs} do not
 * exist: without this check, the handlers of the public port would be reachable here.
 */
@Order(-1000)
final class OperatorFilter implements WebFilter {
    private final OperatorToken operatorToken;

    OperatorFilter(OperatorToken operatorToken) {
        this.operatorToken = operatorToken;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().pathWithinApplication().value();
        if (path.equals("/actuator/prometheus") || path.equals("/actuator/health")
                || path.startsWith("/actuator/health/")) {
            return chain.filter(exchange);
        }
        if (!path.startsWith("/api/v1/") && !path.startsWith("/actuator/") && !path.equals(DocumentEndpoint.PATH)) {
            return ManagementErrors.write(exchange, Problem.NOT_FOUND, "Nothing is at this path.");
        }
        List<String> authorization = exchange.getRequest().getHeaders().getOrDefault(HttpHeaders.AUTHORIZATION,
                List.of());
        if (authorization.isEmpty()) {
            return ManagementErrors.write(exchange, Problem.OPERATOR_TOKEN_MISSING,
                    "Send it as 'Authorization: Bearer <operator token>'.");
        }
        if (authorization.size() > 1 || !isOperator(authorization.getFirst())) {
            return ManagementErrors.write(exchange, Problem.OPERATOR_TOKEN_WRONG,
                    Problem.OPERATOR_TOKEN_WRONG.title());
        }
        Caller.OPERATOR_TOKEN.calls(exchange);
        return chain.filter(exchange);
    }

    private boolean isOperator(String authorization) {
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && operatorToken.matches(authorization.substring(7).strip());
    }
}
