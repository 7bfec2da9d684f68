package dev.postern.management;

import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.jose.CryptoWorkers;
import dev.postern.store.BulkheadFullException;
import dev.postern.store.StoreUnavailableException;
import dev.postern.store.UnreadableRecordException;
import dev.postern.store.UnreadableRecords;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Converts every error of a call to the management port into a problem. Runs before the handler of the public port. */
@Order(-10)
final class ManagementErrors implements WebExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementErrors.class);

    private final UnreadableRecords unreadable;

    ManagementErrors(UnreadableRecords unreadable) {
        this.unreadable = unreadable;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        if (exchange.getResponse().isCommitted()) {
            return Mono.error(failure);
        }
        if (BrokenBodyException.causes(failure)) {
            return write(exchange, Problem.REQUEST_MALFORMED, "The framing of the body is broken.");
        }
        return switch (failure) {
            case AbortedException gone -> {
                LOG.debug("the client closed the connection", gone);
                yield Mono.empty();
            }
            case ProblemException known -> write(exchange, known.problem(), known.detail());
            case StoreUnavailableException outage -> write(exchange, Problem.STORE_UNAVAILABLE,
                    String.valueOf(outage.getMessage()));
            case ConcurrentChangeException conflict -> write(exchange, Problem.CONCURRENT_CHANGE,
                    String.valueOf(conflict.getMessage()));
            case ChangeRefusedException refused -> write(exchange, problem(refused.why()),
                    String.valueOf(refused.getMessage()));
            case BulkheadFullException busy -> write(exchange, Problem.BUSY, String.valueOf(busy.getMessage()));
            case CryptoWorkers.BusyException busy -> write(exchange, Problem.BUSY, String.valueOf(busy.getMessage()));
            case UnreadableRecordException corrupt -> {
                unreadable.report(corrupt);
                yield write(exchange, Problem.RECORD_UNREADABLE, String.valueOf(corrupt.getMessage()));
            }
            case InvalidMediaTypeException _ -> write(exchange, Problem.REQUEST_MALFORMED,
                    "A header contains an invalid media type.");
            case ResponseStatusException status when status.getStatusCode().value() == 404 -> write(exchange,
                    Problem.NOT_FOUND, "Nothing is at this path.");
            case MethodNotAllowedException other -> {
                exchange.getResponse().getHeaders().setAllow(other.getSupportedMethods());
                yield write(exchange, Problem.METHOD_UNKNOWN, "This path supports "
                        + other.getSupportedMethods().stream().map(HttpMethod::name).sorted()
                                .collect(Collectors.joining(", "))
                        + ".");
            }
            case ResponseStatusException status when status.getStatusCode().is4xxClientError() -> write(exchange,
                    Problem.REQUEST_MALFORMED, Problem.REQUEST_MALFORMED.title());
            // Spring Boot throws this for the path of a component inside a component that does not exist.
            case IllegalStateException _ when isOfHealth(exchange) -> write(exchange, Problem.NOT_FOUND,
                    "Nothing is at this path.");
            default -> {
                LOG.error("a management call failed", failure);
                yield write(exchange, Problem.INTERNAL_ERROR, Problem.INTERNAL_ERROR.title());
            }
        };
    }

    private static boolean isOfHealth(ServerWebExchange exchange) {
        return exchange.getRequest().getPath().pathWithinApplication().value().startsWith("/actuator/health/");
    }

    private static Problem problem(ChangeRefusedException.Why why) {
        return switch (why) {
            case NOT_FOUND -> Problem.NOT_FOUND;
            case TOO_MANY -> Problem.LIMIT_REACHED;
            case NO_ROOM -> Problem.ACCOUNT_FULL;
            case NAME_TAKEN, TAKEN -> Problem.ALREADY_EXISTS;
            case NOT_AS_IT_IS -> Problem.NOT_POSSIBLE;
            case CHANGED -> Problem.PRECONDITION_FAILED;
        };
    }

    static Mono<Void> write(ServerWebExchange exchange, Problem problem, String detail) {
        byte[] body = problem.body(detail);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
        response.getHeaders().set("Content-Type", "application/problem+json");
        response.getHeaders().setCacheControl("no-store");
        problem.headers().forEach(response.getHeaders()::set);
        response.getHeaders().setContentLength(body.length);
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }
}
