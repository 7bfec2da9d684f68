package dev.postern.proxy;

import dev.postern.access.AccessDecision;
import dev.postern.call.Call;
import dev.postern.call.Denial;
import dev.postern.call.Lane;
import dev.postern.call.ReplyHeaders;
import dev.postern.call.Verdict;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Set;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Writes denials. */
final class DenialWriter {
    private DenialWriter() {}

    static Mono<Void> write(ServerWebExchange exchange, AccessDecision.Denied denied, Set<String> allowedMethods,
            String requestId) {
        Denial denial = Denial.of(denied, allowedMethods, requestId);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(denial.status()));
        response.getHeaders().clear();
        denial.headers().forEach(response.getHeaders()::set);
        response.getHeaders().setContentLength(denial.body().length);
        DataBuffer body = response.bufferFactory().wrap(denial.body());
        return response.writeWith(Mono.just(body));
    }

    /** For a call that the web framework has not seen. */
    static Mono<Void> write(HttpServerResponse response, Verdict.Refuse refused, Call call, ReplyHeaders headers) {
        headers.write(call, Lane.CHAIN, response::header);
        return write(response, refused.denied(), refused.allowedMethods(), call.requestId());
    }

    /** For a request that the web framework has not seen. */
    static Mono<Void> write(HttpServerResponse response, AccessDecision.Denied denied, String requestId) {
        return write(response, denied, Set.of(), requestId);
    }

    private static Mono<Void> write(HttpServerResponse response, AccessDecision.Denied denied,
            Set<String> allowedMethods, String requestId) {
        Denial denial = Denial.of(denied, allowedMethods, requestId);
        response.status(denial.status());
        denial.headers().forEach(response::header);
        response.header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(denial.body().length));
        return response.sendByteArray(Mono.just(denial.body())).then();
    }
}
