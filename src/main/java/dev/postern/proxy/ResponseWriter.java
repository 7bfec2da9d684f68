package dev.postern.proxy;

import dev.postern.call.Call;
import dev.postern.call.StreamRights;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

/** Writes the body of a backend's response to the client, after all filters. */
final class ResponseWriter implements GlobalFilter, Ordered {
    private final List<MediaType> streaming;
    private final Duration patience;
    private final StreamRights rights;

    /**
     * @param streaming types whose data must not wait for more
     * @param patience  how long a client may take nothing of a response
     */
    ResponseWriter(List<MediaType> streaming, Duration patience, StreamRights rights) {
        this.streaming = streaming;
        this.patience = patience;
        this.rights = rights;
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
        Channel client = ServerHttpRequestDecorator.<ChannelOperations<?, ?>>getNativeRequest(exchange.getRequest())
                .channel();
        return Mono.using(() -> watchRight(exchange, received, client),
                _ -> Mono.using(() -> ResponseWatch.start(client, received.body(), patience),
                        _ -> isStreaming(response.getHeaders())
                                ? response.writeAndFlushWith(received.body().map(Flux::just))
                                : response.writeWith(received.body())),
                Disposable::dispose);
    }

    private Disposable watchRight(ServerWebExchange exchange, BackendResponse received, Channel client) {
        Call call = ExchangeCalls.find(exchange);
        boolean ends = !received.isEventStream() && received.headers().containsHeader(HttpHeaders.CONTENT_LENGTH);
        if (ends || call == null || call.principal() == null) {
            return Disposables.disposed();
        }
        return rights.watchResponse(call, client.eventLoop(), received.isEventStream(), received.body()::cut);
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
