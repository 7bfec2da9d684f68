package dev.postern.proxy.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The closing handshake on one connection (RFC 6455, section 7): the connection is closed when both sides have sent
 * their Close, or a few seconds after ours was written. Must be used on the event loop of the connection.
 */
final class ClosingHandshake {
    /** Longest time to wait for the peer's Close after ours was written. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Channel channel;
    private boolean received;
    private int receivedCode;
    private @Nullable ChannelFuture sent;
    private @Nullable Future<?> deadline;

    ClosingHandshake(Channel channel) {
        this.channel = channel;
    }

    /** Whether a Close was sent, after which nothing may follow. */
    boolean isSent() {
        return sent != null;
    }

    /** The peer has sent a Close with this code; negative for none. */
    void received(int code) {
        received = true;
        receivedCode = code;
        closeIfBothSaidSo();
    }

    /** Sends a Close, unless one was sent before. */
    void send(CloseWebSocketFrame close) {
        if (sent != null) {
            close.release();
            return;
        }
        sent = channel.writeAndFlush(close);
        // The time starts when the Close has been written, so that a slow reader can first read the frames before it.
        sent.addListener(_ -> closeSoon());
        closeIfBothSaidSo();
    }

    /**
     * Sends a Close of the gate's own. If the peer has already sent a Close that was not answered, the answer has the
     * peer's code.
     */
    void send(WebSocketCloseStatus status) {
        if (!received) {
            send(new CloseWebSocketFrame(status));
        } else if (receivedCode < 0) {
            send(new CloseWebSocketFrame());
        } else {
            send(new CloseWebSocketFrame(receivedCode, ""));
        }
    }

    /** Closes the connection within a few seconds, whether or not the peer reads what was written to it. */
    void closeSoon() {
        if (deadline == null && channel.isActive()) {
            deadline = channel.eventLoop().schedule(this::close, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void close() {
        var _ = channel.close();
    }

    private void closeIfBothSaidSo() {
        if (sent != null && received) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The connection is closed. */
    void over() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
