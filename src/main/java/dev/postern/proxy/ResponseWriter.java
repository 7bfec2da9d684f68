package dev.postern.proxy;

import dev.postern.backend.Slot;
import dev.postern.call.Call;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes the body of a backend's response to the client, after all filters. */
final class ResponseWriter implements GlobalFilter, Ordered {
    private final List<MediaType> streaming;

    /** @param streaming types whose data must not wait for more */
    ResponseWriter(List<MediaType> streaming) {
        this.streaming = streaming;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        return chain.filter(exchange)
                .then(Mono.defer(() -> write(exchange)))
                .doFinally(_ -> BackendResponse.discard(exchange));
    }

    private Mono<Void> write(ServerWebExchange exchange) {
        BackendResponse received = BackendResponse.of(exchange);
        ServerHttpResponse response = exchange.getResponse();
        if (received == null || response.isCommitted()) {
            return Mono.empty();
        }
        Call call = ExchangeCalls.find(exchange);
        Slot slot = call == null ? null : call.slot();
        if (slot != null) {
            // The client may take as long as it likes to read what the gate has.
            received.body().whenReceived(slot::release);
        }
        return isStreaming(response.getHeaders())
                ? response.writeAndFlushWith(received.body().map(Flux::just))
                : response.writeWith(received.body());
    }

    private boolean isStreaming(HttpHeaders headers) {
        try {
            MediaType type = headers.getContentType();
            return type != null && streaming.stream().anyMatch(type::isCompatibleWith);
        } catch (InvalidMediaTypeException _) {
            return false;
        }
    }

    @Override
    public int getOrder() {
        return NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
    }

    @Override
    public String toString() {
        return "writes the backend's response";
    }
}
