package dev.postern.management;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** A request whose body has been read and can be read again. */
final class CallBody extends ServerHttpRequestDecorator {
    private final byte[] body;
    private final ServerWebExchange exchange;

    private CallBody(ServerWebExchange exchange, ServerHttpRequest request, byte[] body) {
        super(request);
        this.exchange = exchange;
        this.body = body;
    }

    static ServerWebExchange putBack(ServerWebExchange exchange, byte[] body) {
        return exchange.mutate().request(new CallBody(exchange, exchange.getRequest(), body)).build();
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return body.length == 0
                ? Flux.empty()
                : Flux.defer(() -> Flux.just(exchange.getResponse().bufferFactory().wrap(body)));
    }
}
