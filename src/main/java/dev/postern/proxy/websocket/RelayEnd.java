package dev.postern.proxy.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a {@link Relay}: the handler that takes the frames of one connection and writes those of the other one to it.
 *
 * <p>Its state belongs to the event loop of its connection; the other end, which may be on another loop, reaches it through
 * {@link #run} only. A connection is read only while the other one takes what is written to it, so nothing piles up here: at
 * most what one read brought, and the outbound buffer up to its high-water mark.
 */
final class RelayEnd extends ChannelInboundHandlerAdapter {
    /** Longest wait for the other side's Close after ours was written. */
    static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    /** Says to this side that the other one is gone without a Close of its own. */
    private final WebSocketCloseStatus otherGone;
    private final Channel channel;
    private final Queue<WebSocketFrame> early = new ArrayDeque<>();
    private @Nullable RelayEnd other;
    /** No more frames are taken from this side: it has sent its Close, or something that is no frame. */
    private boolean deaf;
    private boolean closeReceived;
    private int receivedCode;
    private @Nullable ChannelFuture closeSent;
    private boolean otherWaits;
    private @Nullable Future<?> deadline;

    RelayEnd(Channel channel, WebSocketCloseStatus otherGone) {
        this.channel = channel;
        this.otherGone = otherGone;
    }

    Channel channel() {
        return channel;
    }

    /** Begins to relay, with what arrived so far. */
    void start(RelayEnd otherEnd) {
        run(() -> {
            other = otherEnd;
            // The other end may have begun before, and have asked already.
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

    /** There will be no other end: whatever arrived, and still arrives, is dropped. */
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
            closeReceived = true;
            receivedCode = close.statusCode();
            closeIfBothSaidSo();
            to.run(() -> to.sendClose(close));
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

    /** Asks for more, now or as soon as the other side has taken enough of what was written to it. */
    private void readOn(RelayEnd to) {
        if (deaf) {
            // For the end of the connection.
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
        if (otherWaits && other != null && (channel.isWritable() || closeSent != null || !channel.isActive())) {
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
        if (closeSent == null) {
            channel.write(frame);
        } else {
            frame.release();
        }
    }

    private void sendClose(CloseWebSocketFrame close) {
        if (closeSent != null) {
            close.release();
            return;
        }
        closeSent = channel.writeAndFlush(close);
        // Not before it is on its way: a slow reader is given its time to take what stands before it.
        closeSent.addListener(_ -> closeAfter(CLOSE_LIMIT));
        closeIfBothSaidSo();
        letOtherReadOn();
    }

    private void closeAfter(Duration limit) {
        if (deadline == null && channel.isActive()) {
            deadline = channel.eventLoop().schedule(() -> channel.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void closeIfBothSaidSo() {
        if (closeSent != null && closeReceived) {
            closeSent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void otherIsGone() {
        sendLastClose(otherGone);
    }

    /** A side that has said Close already hears its own code; the other one has not answered it. */
    private void sendLastClose(WebSocketCloseStatus status) {
        if (!closeReceived) {
            sendClose(new CloseWebSocketFrame(status));
        } else if (receivedCode < 0) {
            sendClose(new CloseWebSocketFrame());
        } else {
            sendClose(new CloseWebSocketFrame(receivedCode, ""));
        }
    }

    /** Ends this connection within a few seconds, whether or not the peer reads what is written to it. */
    void end(WebSocketCloseStatus status) {
        run(() -> {
            sendLastClose(status);
            closeAfter(CLOSE_LIMIT);
        });
    }

    /** This connection is closed. Not told by channelInactive: no defect of another handler may keep it from here. */
    void closed() {
        if (deadline != null) {
            deadline.cancel(false);
        }
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

    /** Whatever is relayed passes both connections: they are idle together, or the other one is gone. */
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
            // A reset, or broken TLS: closed() does what is left to do.
            context.close();
        }
    }
}
