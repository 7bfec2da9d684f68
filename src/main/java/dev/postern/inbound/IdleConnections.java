package dev.postern.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameCodec;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/2 connection that has had no stream for too long. The server's own timeout does not suffice, because
 * every PING restarts it.
 */
final class IdleConnections extends ChannelInboundHandlerAdapter {
    private final long limitNanos;
    private long streamsSeen;
    private @Nullable Future<?> check;

    IdleConnections(Duration limit) {
        limitNanos = limit.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        schedule(context);
    }

    /** A connection is closed between one and two times the limit after its last stream. */
    private void schedule(ChannelHandlerContext context) {
        check = context.executor().schedule(() -> endIfIdle(context), limitNanos, TimeUnit.NANOSECONDS);
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void endIfIdle(ChannelHandlerContext context) {
        Http2FrameCodec codec = context.pipeline().get(Http2FrameCodec.class);
        if (codec == null || !context.channel().isActive()) {
            return;
        }
        Http2Connection connection = codec.connection();
        long streams = connection.remote().lastStreamCreated();
        if (connection.numActiveStreams() == 0 && streams == streamsSeen) {
            context.close();
        } else {
            streamsSeen = streams;
            schedule(context);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        Future<?> scheduled = check;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }
}
