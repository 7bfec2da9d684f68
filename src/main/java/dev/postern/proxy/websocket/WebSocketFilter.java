package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.backend.Backend;
import dev.postern.backend.Slot;
import dev.postern.call.ForwardingException;
import dev.postern.call.StreamRights;
import dev.postern.proxy.ExchangeCalls;
import dev.postern.proxy.StreamSlots;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * Forwards WebSockets, in place of the gateway's own filter, which answers the client before the backend has answered.
 * This one connects to the backend first: if the backend refuses, the client gets a denial, and otherwise the
 * subprotocol that the backend has chosen.
 */
final class WebSocketFilter implements GlobalFilter, Ordered {
    private static final Set<String> WEB_SOCKET_SCHEMES = Set.of("ws", "wss");
    private static final Set<String> HTTP_SCHEMES = Set.of("http", "https");
    /** Hop-by-hop headers, and those that the handshake sets again. */
    private static final List<String> NOT_HANDED_ON = List.of(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE,
            HttpHeaders.CONTENT_LENGTH, HttpHeaders.TRANSFER_ENCODING, "Keep-Alive", "Proxy-Connection");
    private static final String HANDSHAKE_PREFIX = "sec-websocket-";
    private static final WebsocketServerSpec SPEC = WebsocketServerSpec.builder().handlePing(true).build();

    private final OpenWebSockets open;
    private final StreamSlots slots;
    private final StreamRights rights;
    private final ObjectProvider<HttpHeadersFilter> headersFilters;

    WebSocketFilter(OpenWebSockets open, StreamSlots slots, StreamRights rights,
            ObjectProvider<HttpHeadersFilter> headersFilters) {
        this.open = open;
        this.slots = slots;
        this.rights = rights;
        this.headersFilters = headersFilters;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI address = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        String scheme = address.getScheme().toLowerCase(Locale.ROOT);
        boolean upgrade = "websocket".equalsIgnoreCase(exchange.getRequest().getHeaders().getUpgrade());
        if (ServerWebExchangeUtils.isAlreadyRouted(exchange)
                || !(WEB_SOCKET_SCHEMES.contains(scheme) || (upgrade && HTTP_SCHEMES.contains(scheme)))) {
            return chain.filter(exchange);
        }
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        return Mono.defer(() -> {
            ClientHandshake handshake = ClientHandshake
                    .read(ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest()));
            Backend backend = slots.backend(exchange, address);
            Slot slot = slots.acquire(exchange, backend);
            if (slot == null) {
                return Mono.error(new ForwardingException(DenyReason.BACKEND_BUSY, "Too many open streams."));
            }
            return relay(exchange, backend, webSocket(address, scheme), handshake, slot);
        });
    }

    private static URI webSocket(URI address, String scheme) {
        // A textual change: "http" becomes "ws", and "https" becomes "wss".
        return HTTP_SCHEMES.contains(scheme)
                ? URI.create("ws" + address.toString().substring("http".length()))
                : address;
    }

    /** Opens the WebSocket and starts the relay, which then owns the slot. */
    private Mono<Void> relay(ServerWebExchange exchange, Backend to, URI address, ClientHandshake client,
            Slot slot) {
        List<HttpHeadersFilter> filters = headersFilters.orderedStream().toList();
        SlotHandover handover = new SlotHandover(slot);
        ChannelOperations<?, ?> server = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        return Mono
                .defer(() -> BackendWebSockets.open(server.channel().eventLoop(), to, address,
                        toBackend(exchange, filters),
                        client.subprotocols()))
                .flatMap(backend -> {
                    if (!handover.take()) {
                        var _ = backend.channel().close();
                        return Mono.empty();
                    }
                    Relay relay = open.begin(backend.channel(), slot);
                    rights.watch(ExchangeCalls.require(exchange), backend.channel(), relay::revoke);
                    return Mono.defer(() -> {
                        addHeaders(exchange, filters, backend.handshake());
                        return upgrade(exchange, relay);
                    }).doFinally(_ -> relay.abandon());
                })
                .doFinally(_ -> handover.giveUp());
    }

    private static io.netty.handler.codec.http.HttpHeaders toBackend(ServerWebExchange exchange,
            List<HttpHeadersFilter> filters) {
        HttpHeaders headers = HttpHeadersFilter.filterRequest(filters, exchange);
        io.netty.handler.codec.http.HttpHeaders handedOn = new io.netty.handler.codec.http.DefaultHttpHeaders();
        boolean preserveHost = exchange
                .getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false);
        headers.forEach((name, values) -> {
            if (isHandedOn(name) && (preserveHost || !name.equalsIgnoreCase(HttpHeaders.HOST))) {
                handedOn.add(name, values);
            }
        });
        return handedOn;
    }

    private static boolean isHandedOn(String name) {
        return NOT_HANDED_ON.stream().noneMatch(name::equalsIgnoreCase)
                && !name.toLowerCase(Locale.ROOT).startsWith(HANDSHAKE_PREFIX);
    }

    private static void addHeaders(ServerWebExchange exchange, List<HttpHeadersFilter> filters,
            BackendHandshake handshake) {
        HttpHeaders received = new HttpHeaders();
        handshake.responseHeaders().forEach(header -> received.add(header.getKey(), header.getValue()));
        HttpHeaders headers = exchange.getResponse().getHeaders();
        HttpHeadersFilter.filter(filters, received, exchange, HttpHeadersFilter.Type.RESPONSE)
                .forEach((name, values) -> {
                    if (isHandedOn(name)) {
                        headers.addAll(name, values);
                    }
                });
        String subprotocol = handshake.subprotocol();
        if (subprotocol != null) {
            headers.set("Sec-WebSocket-Protocol", subprotocol);
        }
    }

    /** Completes when the client has received its 101. The relay continues independently. */
    private static Mono<Void> upgrade(ServerWebExchange exchange, Relay relay) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.SWITCHING_PROTOCOLS);
        HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        Mono<Void> upgraded = response.setComplete()
                .then(Mono.defer(() -> server.sendWebsocket((in, _) -> {
                    in.withConnection(connection -> relay.start(connection.channel()));
                    // If this Mono completed, the server would send a Close of its own.
                    return Mono.never();
                }, SPEC)));
        Mono<Mono<Void>> onItsLoop = Mono.create(sink -> request.withConnection(
                connection -> sink.success(upgraded
                        .subscribeOn(Schedulers.fromExecutor(connection.channel().eventLoop())))));
        return onItsLoop.flatMap(upgrade -> upgrade);
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 1;
    }

    @Override
    public String toString() {
        return "forwards WebSockets";
    }
}
