package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Writes denials. */
final class DenialWriter {
    private static final Logger LOG = LoggerFactory.getLogger("dev.postern.denied");

    private DenialWriter() {}

    static Mono<Void> write(ServerWebExchange exchange, AccessDecision.Denied denied, Set<String> allowedMethods,
            String requestId) {
        LOG.debug("{} {}: {}", requestId, denied.reason().word(), denied.detail());
        Denial denial = Denial.of(denied.told(), allowedMethods, requestId);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(denial.status()));
        response.getHeaders().clear();
        denial.headers().forEach(response.getHeaders()::set);
        response.getHeaders().setContentLength(denial.body().length);
        DataBuffer body = response.bufferFactory().wrap(denial.body());
        return response.writeWith(Mono.just(body));
    }
}
