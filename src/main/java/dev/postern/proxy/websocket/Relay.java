package dev.postern.proxy.websocket;

import dev.postern.proxy.ForwardingSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * One open WebSocket through the gate: two connections, and the frames that pass between them one by one, as they are. Messages
 * are never put together. Ping and Pong pass too, so that they prove the whole way, and Close passes with its code and reason.
 * It begins when the backend has accepted the handshake, and ends when both connections are closed.
 */
final class Relay {
    /** The client is told so of a backend that went away. 1014, which says bad gateway, is not known to all clients. */
    private static final WebSocketCloseStatus BACKEND_GONE = new WebSocketCloseStatus(
            WebSocketCloseStatus.INTERNAL_SERVER_ERROR.code(), "backend_failed");
    private static final WebSocketCloseStatus CLIENT_GONE = new WebSocketCloseStatus(
            WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code(), "the client is gone");
    private static final WebSocketCloseStatus GATE_STOPPING = new WebSocketCloseStatus(
            WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code(), "gate_stopping");

    private final ForwardingSettings settings;
    private final RelayEnd backend;
    private final AtomicInteger connections = new AtomicInteger(2);
    private final AtomicBoolean clientKnown = new AtomicBoolean();
    private final Consumer<Relay> ended;
    private volatile @Nullable RelayEnd client;
    private volatile boolean goingAway;

    private Relay(RelayEnd backend, ForwardingSettings settings, Consumer<Relay> ended) {
        this.backend = backend;
        this.settings = settings;
        this.ended = ended;
    }

    /**
     * Takes over a backend's connection behind its handshake. To be called on its event loop: the next bytes may be frames.
     *
     * @param ended called once, when both connections are closed
     */
    static Relay begin(Channel backend, ForwardingSettings settings, Consumer<Relay> ended) {
        Relay relay = new Relay(new RelayEnd(backend, CLIENT_GONE), settings, ended);
        relay.install(relay.backend, false);
        return relay;
    }

    /** Takes over the client's connection behind its handshake, on its event loop, and begins to relay. */
    void start(Channel channel) {
        if (!clientKnown.compareAndSet(false, true)) {
            var _ = channel.close();
            return;
        }
        RelayEnd end = new RelayEnd(channel, BACKEND_GONE);
        client = end;
        install(end, true);
        end.start(backend);
        backend.start(end);
        if (goingAway) {
            end.end(GATE_STOPPING);
        }
    }

    /** The client's connection was not upgraded after all. */
    void abandon() {
        if (clientKnown.compareAndSet(false, true)) {
            backend.drop();
            backend.end(CLIENT_GONE);
            closed();
        }
    }

    /** Tells both sides that the gate goes away, and closes their connections within a few seconds. */
    void goAway() {
        goingAway = true;
        backend.end(GATE_STOPPING);
        RelayEnd known = client;
        if (known != null) {
            known.end(GATE_STOPPING);
        }
    }

    private void install(RelayEnd end, boolean expectMasked) {
        // The relay reads as the other side takes it; a server connection reads by itself once the request is there.
        end.channel().config().setAutoRead(false);
        ChannelPipeline pipeline = end.channel().pipeline();
        if (pipeline.get(NettyPipeline.ResponseTimeoutHandler) != null) {
            pipeline.remove(NettyPipeline.ResponseTimeoutHandler);
        }
        ChannelHandlerContext decoder = Objects.requireNonNull(pipeline.context(WebSocketFrameDecoder.class));
        // Netty's own closes the connection at once where a frame is invalid, and lets reserved bits pass.
        pipeline.replace(decoder.name(), "postern.frameDecoder",
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .expectMaskedFrames(expectMasked).allowExtensions(false).closeOnProtocolViolation(false)
                        .maxFramePayloadLength(FrameSplitter.MAX_FRAME).build()));
        pipeline.addBefore("postern.frameDecoder", "postern.frameSplitter",
                new FrameSplitter(settings.maxWebsocketMessage().toBytes()));
        pipeline.addBefore("postern.frameSplitter", "postern.idle",
                new IdleStateHandler(0, 0, settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS));
        pipeline.addBefore(NettyPipeline.ReactiveBridge, "postern.relay", end);
        end.channel().closeFuture().addListener(_ -> {
            end.closed();
            closed();
        });
    }

    private void closed() {
        if (connections.decrementAndGet() == 0) {
            ended.accept(this);
        }
    }
}
