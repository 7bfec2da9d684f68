package dev.postern.inbound;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/1.1 connection in two steps if a response was written on it: first the gate's direction, then the
 * whole connection as soon as the client closes its direction, or after {@link #LIMIT}. Bytes that still arrive are
 * dropped. If the gate closed both directions at once with bytes of the client unread, the operating system would reset
 * the connection, and the client could lose the end of the last response.
 */
final class LingeringClose extends ChannelDuplexHandler {
    /** How long the client may take to close its direction. */
    static final Duration LIMIT = Duration.ofSeconds(2);

    private boolean answered;
    private boolean closing;
    private @Nullable Future<?> end;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        answered = true;
        var _ = context.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!closing && !(answered && context.channel().isActive()
                && context.channel() instanceof DuplexChannel)) {
            var _ = context.close(promise);
            return;
        }
        if (!promise.isVoid()) {
            context.channel().closeFuture().addListener(_ -> promise.trySuccess());
        }
        if (!closing) {
            closing = true;
            end = context.executor().schedule(() -> {
                var _ = context.close();
            }, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            closeOurDirection(context, (DuplexChannel) context.channel());
        }
    }

    private static void closeOurDirection(ChannelHandlerContext context, DuplexChannel connection) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        Future<?> said = tls == null ? context.newSucceededFuture() : tls.closeOutbound();
        said.addListener(_ -> connection.shutdownOutput().addListener(shut -> {
            if (shut.isSuccess()) {
                connection.config().setAutoRead(true);
            } else {
                var _ = context.close();
            }
        }));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        Future<?> scheduled = end;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }
}
