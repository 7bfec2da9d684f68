package dev.postern.store;

import io.lettuce.core.protocol.CommandHandler;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection on which commands are sent and nothing comes back. The server hangs, or has vanished without
 * closing the connection, and the operating system would keep trying for a quarter of an hour. Commands time out
 * meanwhile, but only a new connection can reach the server that has replaced it: the one to which sentinels, or the
 * DNS name of a managed Redis, now lead.
 */
final class CloseOnSilence extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(CloseOnSilence.class);

    private final long limitNanos;
    private boolean waiting;
    private boolean watching;
    private long since;

    private CloseOnSilence(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    static void guard(ChannelPipeline pipeline, Duration limit) {
        String lettuce = pipeline.context(CommandHandler.class).name();
        pipeline.addBefore(lettuce, CloseOnSilence.class.getSimpleName(), new CloseOnSilence(limit));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (!waiting) {
            waiting = true;
            since = System.nanoTime();
            if (!watching) {
                watching = true;
                watch(context, limitNanos);
            }
        }
        super.write(context, message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        waiting = false;
        super.channelRead(context, message);
    }

    private void watch(ChannelHandlerContext context, long nanos) {
        var _ = context.executor().schedule(() -> look(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext context) {
        watching = waiting && context.channel().isActive();
        if (!watching) {
            return;
        }
        long left = since + limitNanos - System.nanoTime();
        if (left > 0) {
            watch(context, left);
            return;
        }
        LOG.warn("Redis at {} does not respond; reconnecting",
                context.channel().remoteAddress());
        var _ = context.close();
    }
}
