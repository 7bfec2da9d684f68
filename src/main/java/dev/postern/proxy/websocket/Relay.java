package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.call.ForwardingSettings;
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
 * One open WebSocket through the gate: two connections, between which frames are passed on unchanged, one by one.
 * Messages are never assembled. Ping and Pong are passed on too, so that they test the whole path, and so is Close with
 * its code and reason. A relay begins when the backend has accepted the handshake, and ends when both connections are
 * closed.
 */
final class Relay {
    /**
     * Sent to the client when the backend has disconnected. Code 1014 (bad gateway) would be more precise, but not all
     * clients know it.
     */
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
    /** With this status, both sides are closed as soon as they are known; null as long as the relay goes on. */
    private volatile @Nullable WebSocketCloseStatus endWith;

    private Relay(RelayEnd backend, ForwardingSettings settings, Consumer<Relay> ended) {
        this.backend = backend;
        this.settings = settings;
        this.ended = ended;
    }

    /**
     * Takes over a backend's connection after its handshake. Must be called on its event loop, because the next bytes
     * may be frames.
     *
     * @param ended called once, when both connections are closed
     */
    static Relay begin(Channel backend, ForwardingSettings settings, Consumer<Relay> ended) {
        Relay relay = new Relay(new RelayEnd(backend, CLIENT_GONE), settings, ended);
        relay.install(relay.backend, false);
        return relay;
    }

    /** Takes over the client's connection after its handshake, on its event loop, and starts to relay. */
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
        WebSocketCloseStatus status = endWith;
        if (status != null) {
            end.end(status);
        }
    }

    /** Ends the relay if the client's connection was not upgraded after all. */
    void abandon() {
        if (clientKnown.compareAndSet(false, true)) {
            backend.drop();
            backend.end(CLIENT_GONE);
            closed();
        }
    }

    /** Sends both sides a Close because the gate is stopping, and closes their connections within a few seconds. */
    void goAway() {
        end(GATE_STOPPING);
    }

    private void end(WebSocketCloseStatus status) {
        endWith = status;
        backend.end(status);
        RelayEnd known = client;
        if (known != null) {
            known.end(status);
        }
    }

    /** Closes both sides, because the call would not be allowed any more. */
    void revoke(DenyReason reason) {
        WebSocketCloseStatus kind = reason.status() >= 500
                ? WebSocketCloseStatus.TRY_AGAIN_LATER
                : WebSocketCloseStatus.POLICY_VIOLATION;
        end(new WebSocketCloseStatus(kind.code(), reason.word()));
    }

    private void install(RelayEnd end, boolean expectMasked) {
        // The relay reads only as fast as the other side accepts data; a server connection would read automatically
        // after the request.
        end.channel().config().setAutoRead(false);
        ChannelPipeline pipeline = end.channel().pipeline();
        if (pipeline.get(NettyPipeline.ResponseTimeoutHandler) != null) {
            pipeline.remove(NettyPipeline.ResponseTimeoutHandler);
        }
        ChannelHandlerContext decoder = Objects.requireNonNull(pipeline.context(WebSocketFrameDecoder.class));
        // Netty's default decoder closes the connection immediately when a frame is invalid, and ignores reserved bits.
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
