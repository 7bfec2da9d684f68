package dev.postern.proxy.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One end of a {@link Relay}: the handler that takes the frames of one connection and writes those of the other one to
 * it.
 *
 * <p>Its state belongs to the event loop of its connection; the other end, which may be on another loop, must use
 * {@link #run} to access it. A connection is read only while the other one accepts what is written to it, so memory use
 * is limited to the data of one read and the outbound buffer up to its high-water mark.
 */
final class RelayEnd extends ChannelInboundHandlerAdapter {
    /** The status sent to this side when the other one disconnects without a Close. */
    private final WebSocketCloseStatus otherGone;
    private final Channel channel;
    private final ClosingHandshake closing;
    private final Queue<WebSocketFrame> early = new ArrayDeque<>();
    private @Nullable RelayEnd other;
    /** No more frames are accepted from this side, because it has sent its Close or an invalid frame. */
    private boolean deaf;
    private boolean otherWaits;

    RelayEnd(Channel channel, WebSocketCloseStatus otherGone) {
        this.channel = channel;
        this.closing = new ClosingHandshake(channel);
        this.otherGone = otherGone;
    }

    Channel channel() {
        return channel;
    }

    /** Starts to relay, beginning with the frames that have arrived so far. */
    void start(RelayEnd otherEnd) {
        run(() -> {
            other = otherEnd;
            // The other end may have started earlier and already be waiting for permission to read.
            letOtherReadOn();
            for (WebSocketFrame frame = early.poll(); frame != null; frame = early.poll()) {
                receive(frame, otherEnd);
            }
            if (channel.isActive()) {
                readOn(otherEnd);
            } else {
                otherEnd.run(otherEnd::otherIsGone);
            }
        });
    }

    /** There will be no other end: drops everything that has arrived and will arrive. */
    void drop() {
        run(() -> {
            deaf = true;
            early.forEach(WebSocketFrame::release);
            early.clear();
        });
    }

    /** Runs something on the event loop of this connection. */
    private void run(Runnable action) {
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof WebSocketFrame frame)) {
            context.fireChannelRead(message);
        } else if (other == null && !deaf) {
            early.add(frame);
        } else {
            receive(frame, other);
        }
    }

    private void receive(WebSocketFrame frame, @Nullable RelayEnd to) {
        if (deaf || to == null) {
            frame.release();
        } else if (frame instanceof CloseWebSocketFrame close) {
            deaf = true;
            int code = close.statusCode();
            // Must come first: the following steps may close this connection, and the other side would then get the
            // wrong status.
            to.run(() -> to.sendClose(close));
            closing.received(code);
        } else {
            to.run(() -> to.send(frame));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        if (other != null) {
            readOn(other);
        }
    }

    /** Reads more, now or as soon as the other side has accepted enough of what was written to it. */
    private void readOn(RelayEnd to) {
        if (deaf) {
            // To notice the end of the connection.
            channel.read();
        } else {
            to.run(to::flush);
        }
    }

    private void flush() {
        channel.flush();
        otherWaits = true;
        letOtherReadOn();
    }

    private void letOtherReadOn() {
        if (otherWaits && other != null && (channel.isWritable() || closing.isSent() || !channel.isActive())) {
            otherWaits = false;
            other.channel.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        letOtherReadOn();
        context.fireChannelWritabilityChanged();
    }

    private void send(WebSocketFrame frame) {
        if (closing.isSent()) {
            frame.release();
        } else {
            var _ = channel.write(frame);
        }
    }

    private void sendClose(CloseWebSocketFrame close) {
        closing.send(close);
        letOtherReadOn();
    }

    private void otherIsGone() {
        closing.send(otherGone);
        letOtherReadOn();
    }

    /** Closes this connection within a few seconds, whether or not the peer reads what is written to it. */
    void end(WebSocketCloseStatus status) {
        run(() -> {
            closing.send(status);
            closing.closeSoon();
            letOtherReadOn();
        });
    }

    /**
     * Called when this connection is closed. Does not rely on channelInactive, which a faulty handler could withhold.
     */
    void closed() {
        closing.over();
        letOtherReadOn();
        if (other != null) {
            other.run(other::otherIsGone);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            idle();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    /** All frames pass through both connections, so either both are idle or the other one is gone. */
    private void idle() {
        WebSocketCloseStatus status = new WebSocketCloseStatus(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE.code(),
                "idle");
        end(status);
        if (other != null) {
            other.end(status);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            deaf = true;
            end(new WebSocketCloseStatus(corrupted.closeStatus().code(),
                    Objects.requireNonNullElse(corrupted.getMessage(), "")));
            if (other != null) {
                other.run(other::otherIsGone);
            }
            channel.read();
        } else {
            // A connection reset or a TLS error: closed() does the rest.
            var _ = context.close();
        }
    }
}
