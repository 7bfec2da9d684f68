package dev.postern.proxy;

import dev.postern.backend.Backend;
import dev.postern.backend.BackendBusyException;
import dev.postern.call.Attempt;
import dev.postern.call.Call;
import dev.postern.telemetry.BackendMeters;
import java.net.URI;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.ChannelOperations;

/**
 * Calls the backend and receives the head of its response; {@link ResponseWriter} writes the body after all filters. If
 * an idle connection turns out to be closed, and the call cannot have had any effect, it is retried once on a new
 * connection.
 */
final class BackendCall implements GlobalFilter, Ordered {
    private final HeadersFilters headersFilters;
    private final BackendMeters meters;

    BackendCall(HeadersFilters headersFilters, BackendMeters meters) {
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
        // An earlier response exists if a filter repeats the call.
        BackendResponse.discard(exchange);
        Backend backend = ExchangeCalls.backend(exchange, url);
        RequestHead head = RequestHead.of(exchange.getRequest(), url, host(exchange, url),
                HttpHeadersFilter.filterRequest(headersFilters.all(), exchange));
        Attempt first = attempt(exchange, backend);
        Mono<BackendResponse> response = send(exchange, backend, head, first, false)
                .onErrorResume(failure -> first.mayBeRepeated(failure)
                        ? again(exchange, backend, head)
                        : Mono.error(first.cause(failure)));
        return response.flatMap(received -> receive(exchange, backend, received)).then(chain.filter(exchange));
    }

    private Mono<BackendResponse> again(ServerWebExchange exchange, Backend backend, RequestHead head) {
        meters.retried(backend.name());
        Attempt second = attempt(exchange, backend);
        return send(exchange, backend, head, second, true).onErrorMap(second::cause);
    }

    private static Attempt attempt(ServerWebExchange exchange, Backend backend) {
        String method = exchange.getRequest().getMethod().name();
        return new Attempt(method.equals("GET") || method.equals("HEAD"), backend.raw().isSecure());
    }

    private static String host(ServerWebExchange exchange, URI url) {
        String ofClient = exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST);
        return ofClient != null
                && exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false)
                        ? ofClient
                        : url.getRawAuthority();
    }

    private static Mono<BackendResponse> send(ServerWebExchange exchange, Backend backend, RequestHead head,
            Attempt attempt, boolean fresh) {
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        // On the event loop of the client's connection, so that a call stays on one thread.
        return BackendExchange.send(backend.raw(), server(exchange).channel().eventLoop(), attempt, head,
                exchange.getRequest().getBody(), fresh, RouteTimeouts.of(route));
    }

    private static ChannelOperations<?, ?> server(ServerWebExchange exchange) {
        return ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    }

    /** Copies status and headers to the response, where the filters of the route can change them. */
    private Mono<Void> receive(ServerWebExchange exchange, Backend backend, BackendResponse received) {
        HttpHeaders headers = received.headers();
        if (received.isEventStream() && !movesToStreams(exchange, backend)) {
            received.body().cancel();
            return Mono.error(new BackendBusyException("too many event streams are open"));
        }
        received.storeIn(exchange);
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(received.status()));
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
        return Mono.empty();
    }

    /**
     * Moves an event stream to the slots for streams, because it may last for days and must not occupy a slot for
     * calls.
     */
    private static boolean movesToStreams(ServerWebExchange exchange, Backend backend) {
        Call call = ExchangeCalls.find(exchange);
        return call == null || call.slot() == null || call.slot().moveTo(backend.streams());
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
