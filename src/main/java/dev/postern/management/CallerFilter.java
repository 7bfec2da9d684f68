package dev.postern.management;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Guards the management port, before any other filter: authenticates the caller and checks whether the caller may make
 * the call. Health and metrics are open, for Prometheus and the probes of Kubernetes. Any path that does not belong to
 * the management port is answered with 404: otherwise, the handlers of the public port would be reachable here.
 */
@Order(-1000)
final class CallerFilter implements WebFilter {
    private final Callers callers;

    CallerFilter(Callers callers) {
        this.callers = callers;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().pathWithinApplication().value();
        if (path.equals("/actuator/prometheus") || path.equals("/actuator/health")
                || path.startsWith("/actuator/health/")) {
            return chain.filter(exchange);
        }
        if (!path.startsWith("/api/v1/") && !path.startsWith("/actuator/") && !path.equals(DocumentEndpoint.PATH)) {
            return notFound(exchange);
        }
        return Mono.deferContextual(context -> context.<Caller>getOrEmpty(Caller.class)
                // A call that the gate makes itself (InternalCalls), for a caller whom it has already authenticated.
                .map(caller -> admit(exchange, chain, caller))
                .orElseGet(() -> authenticate(exchange, chain)));
    }

    private Mono<Void> authenticate(ServerWebExchange exchange, WebFilterChain chain) {
        List<String> authorization = exchange.getRequest().getHeaders().getOrDefault(HttpHeaders.AUTHORIZATION,
                List.of());
        if (authorization.isEmpty()) {
            return ManagementErrors.write(exchange, Problem.OPERATOR_TOKEN_MISSING,
                    "Send 'Authorization: Bearer <operator token>', an account's master key in the same way, or the"
                            + " name and password of an operator as 'Authorization: Basic'.");
        }
        if (authorization.size() > 1) {
            return ManagementErrors.write(exchange, Problem.OPERATOR_TOKEN_WRONG,
                    "There is more than one Authorization header.");
        }
        return callers.authenticate(authorization.getFirst(), source(exchange)).flatMap(result -> switch (result) {
            case Callers.Result.Authenticated(var caller, var _) -> admit(exchange, chain, caller);
            case Callers.Result.Refused(var problem) -> ManagementErrors.write(exchange, problem, problem.title());
            case Callers.Result.Wait(var time) -> {
                exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER,
                        Long.toString(time.toSeconds() + 1));
                yield ManagementErrors.write(exchange, Problem.TOO_MANY_ATTEMPTS,
                        "Too many attempts to sign in failed. Try again in " + (time.toMinutes() + 1) + " minutes.");
            }
        });
    }

    private static Mono<Void> admit(ServerWebExchange exchange, WebFilterChain chain, Caller caller) {
        return switch (Permits.decide(caller, exchange.getRequest().getMethod(),
                Permits.segments(exchange.getRequest().getPath().pathWithinApplication()))) {
            case PERMITTED -> {
                caller.attachTo(exchange);
                yield chain.filter(exchange).contextWrite(context -> context.put(Caller.class, caller));
            }
            case ROLE_INSUFFICIENT -> ManagementErrors.write(exchange, Problem.ROLE_INSUFFICIENT,
                    "The role of the caller, " + caller.role().word() + ", does not permit this call.");
            case HIDDEN -> notFound(exchange);
        };
    }

    private static Mono<Void> notFound(ServerWebExchange exchange) {
        return ManagementErrors.write(exchange, Problem.NOT_FOUND, "Nothing is at this path.");
    }

    /** The address of the client, or of the proxy in front of the management port. */
    static String source(ServerWebExchange exchange) {
        return Optional.ofNullable(exchange.getRequest().getRemoteAddress()).map(InetSocketAddress::getAddress)
                .map(address -> address.getHostAddress()).orElse("unknown");
    }
}
