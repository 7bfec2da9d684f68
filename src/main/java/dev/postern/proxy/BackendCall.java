package dev.postern.proxy;

import dev.postern.backend.Backend;
import dev.postern.backend.BackendBusyException;
import dev.postern.backend.Backends;
import dev.postern.call.Attempt;
import dev.postern.call.Call;
import dev.postern.telemetry.BackendMeters;
import dev.postern.wire.ResponseGuard;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.RouteMetadataUtils;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Calls the backend and receives the head of its response; the gateway writes the response after all filters. If the
 * pooled connection turns out to be closed, and the call cannot have had any effect, it is retried once on a new
 * connection.
 */
final class BackendCall implements GlobalFilter, Ordered {
    private final Backends backends;
    private final HeadersFilters headersFilters;
    private final BackendMeters meters;

    BackendCall(Backends backends, HeadersFilters headersFilters, BackendMeters meters) {
        this.backends = backends;
        this.headersFilters = headersFilters;
        this.meters = meters;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        if (ServerWebExchangeUtils.isAlreadyRouted(exchange)
                || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
            return chain.filter(exchange);
        }
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        Backend backend = backends.at(url);
        HttpHeaders headers = HttpHeadersFilter.filterRequest(headersFilters.all(), exchange);
        Attempt first = attempt(exchange, url);
        return send(exchange, url, headers, backend.pooled(), first)
                .onErrorResume(failure -> first.mayBeRepeated(failure)
                        ? again(exchange, url, headers, backend)
                        : Mono.error(first.cause(failure)))
                .flatMap(response -> receive(exchange, backend, response))
                .then(chain.filter(exchange));
    }

    private Mono<HttpClientResponse> again(ServerWebExchange exchange, URI url, HttpHeaders headers, Backend backend) {
        meters.retried(backend.name());
        Attempt second = attempt(exchange, url);
        return send(exchange, url, headers, backend.fresh(), second).onErrorMap(second::cause);
    }

    private static Attempt attempt(ServerWebExchange exchange, URI url) {
        String method = exchange.getRequest().getMethod().name();
        return new Attempt(method.equals("GET") || method.equals("HEAD"), "https".equals(url.getScheme()));
    }

    private static Mono<HttpClientResponse> send(ServerWebExchange exchange, URI url, HttpHeaders headers,
            HttpClient client, Attempt attempt) {
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        Mono<HttpClientResponse> response = connectingWithin(client, route)
                .headers(ours -> {
                    headers.forEach((name, values) -> ours.set(name, values));
                    ours.remove(HttpHeaderNames.HOST);
                    if (exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false)) {
                        Optional.ofNullable(exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST))
                                .ifPresent(host -> ours.set(HttpHeaderNames.HOST, host));
                    }
                })
                .request(HttpMethod.valueOf(exchange.getRequest().getMethod().name()))
                .uri(url.toASCIIString())
                .send((request, outbound) -> write(exchange, headers, request, outbound, attempt))
                .responseConnection((head, connection) -> {
                    exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR, connection);
                    return Mono.just(head);
                }).single();
        return responseTimeout(route).map(response::timeout).orElse(response);
    }

    private static NettyOutbound write(ServerWebExchange exchange, HttpHeaders headers, HttpClientRequest request,
            NettyOutbound outbound, Attempt attempt) {
        outbound.withConnection(connection -> attempt.usedConnection(ResponseGuard.of(connection.channel())));
        // The client library adds these headers by default.
        for (String name : new String[]{HttpHeaders.USER_AGENT, HttpHeaders.ACCEPT}) {
            if (!headers.containsHeader(name)) {
                request.requestHeaders().remove(name);
            }
        }
        Flux<DataBuffer> body = exchange.getRequest().getBody();
        if (RebuiltRequest.isSentWithoutBody(exchange.getRequest())) {
            // RFC 9110, section 8.6: Content-Length is sent even if it is 0, for methods that define a meaning for the
            // body.
            request.requestHeaders().remove(HttpHeaderNames.TRANSFER_ENCODING).set(HttpHeaderNames.CONTENT_LENGTH, "0");
        }
        return outbound.send(body.doOnSubscribe(_ -> attempt.bodyRequested()).map(BackendCall::bytes));
    }

    private static ByteBuf bytes(DataBuffer buffer) {
        return buffer instanceof NettyDataBuffer netty
                ? netty.getNativeBuffer()
                : Unpooled.wrappedBuffer(copy(buffer));
    }

    private static byte[] copy(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        return bytes;
    }

    /** Copies status and headers to the response, where the filters of the route can change them. */
    private Mono<HttpClientResponse> receive(ServerWebExchange exchange, Backend backend, HttpClientResponse head) {
        if (isEventStream(head) && !movesToStreams(exchange, backend)) {
            Connection connection = exchange
                    .getRequiredAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
            connection.dispose();
            return Mono.error(new BackendBusyException("too many event streams are open"));
        }
        HttpHeaders headers = new HttpHeaders();
        for (Map.Entry<String, String> header : head.responseHeaders()) {
            headers.add(header.getKey(), header.getValue());
        }
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(head.status().code()));
        exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, head);
        Optional.ofNullable(headers.getFirst(HttpHeaders.CONTENT_TYPE))
                .ifPresent(type -> exchange.getAttributes()
                        .put(ServerWebExchangeUtils.ORIGINAL_RESPONSE_CONTENT_TYPE_ATTR, type));
        HttpHeaders passed = HttpHeadersFilter.filter(headersFilters.all(), headers, exchange,
                HttpHeadersFilter.Type.RESPONSE);
        passed.remove(HttpHeaders.TRANSFER_ENCODING);
        if (passed.containsHeader(HttpHeaders.CONTENT_LENGTH)) {
            // Reactor Netty gives every response Transfer-Encoding: chunked at first.
            response.getHeaders().remove(HttpHeaders.TRANSFER_ENCODING);
        }
        exchange.getAttributes().put(ServerWebExchangeUtils.CLIENT_RESPONSE_HEADER_NAMES, passed.headerNames());
        response.getHeaders().addAll(passed);
        return Mono.just(head);
    }

    private static boolean isEventStream(HttpClientResponse head) {
        String type = head.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, MediaType.TEXT_EVENT_STREAM_VALUE, 0,
                MediaType.TEXT_EVENT_STREAM_VALUE.length());
    }

    /**
     * Moves an event stream to the slots for streams, because it may last for days and must not occupy a slot for
     * calls.
     */
    private static boolean movesToStreams(ServerWebExchange exchange, Backend backend) {
        Call call = ExchangeCalls.find(exchange);
        return call == null || call.slot() == null || call.slot().moveTo(backend.streams());
    }

    private static HttpClient connectingWithin(HttpClient client, Route route) {
        return millis(route, RouteMetadataUtils.CONNECT_TIMEOUT_ATTR)
                .map(limit -> client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, limit.intValue())).orElse(client);
    }

    private static Optional<Duration> responseTimeout(Route route) {
        return millis(route, RouteMetadataUtils.RESPONSE_TIMEOUT_ATTR).map(Duration::ofMillis);
    }

    /** A timeout that the operator has configured for one route. */
    private static Optional<Long> millis(Route route, String attribute) {
        return Optional.ofNullable(route.getMetadata().get(attribute))
                .map(value -> Long.parseLong(value.toString())).filter(limit -> limit > 0);
    }

    @Override
    public int getOrder() {
        return NettyRoutingFilter.ORDER;
    }

    @Override
    public String toString() {
        return "calls the backend";
    }
}
