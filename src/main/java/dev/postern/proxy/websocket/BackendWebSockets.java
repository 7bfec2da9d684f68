package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.backend.Backend;
import dev.postern.call.ForwardingException;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import java.net.URI;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.WebsocketClientSpec;

/** Opens WebSockets to backends. */
final class BackendWebSockets {
    /** Pings are passed on; the other settings have no effect once the relay has begun. */
    private static final WebsocketClientSpec SPEC = WebsocketClientSpec.builder().handlePing(true).build();

    private BackendWebSockets() {}

    /**
     * A backend's connection after its handshake. Frames may arrive as soon as the current task on its event loop
     * returns.
     */
    record Opened(Channel channel, BackendHandshake handshake) {}

    /**
     * @param loop    of the client's connection
     * @param headers headers for the backend, besides those of the handshake
     * @param offered subprotocols of which the backend may pick one
     * @return the connection, on its event loop; {@link ForwardingException} if the backend refuses
     */
    static Mono<Opened> open(EventLoop loop, Backend backend, URI address, HttpHeaders headers, List<String> offered) {
        // In a task of its own: see RawConnections.connect.
        return Mono.defer(() -> {
            BackendHandshake handshake = new BackendHandshake(headers, offered, backend.responseTimeout());
            // A new connection that has carried no call, and is never reused.
            return backend.webSockets()
                    .doOnRequest((_, connection) -> connection.channel().pipeline()
                            .addAfter(NettyPipeline.HttpCodec, BackendHandshake.NAME, handshake))
                    .websocket(SPEC).uri(address).connect()
                    .map(connection -> new Opened(connection.channel(), handshake))
                    .onErrorMap(WebSocketHandshakeException.class, BackendWebSockets::invalid);
        }).subscribeOn(Schedulers.fromExecutor(loop));
    }

    private static Throwable invalid(WebSocketHandshakeException failure) {
        return new ForwardingException(DenyReason.BACKEND_FAILED,
                "The device backend did not answer the WebSocket handshake according to RFC 6455.");
    }
}
