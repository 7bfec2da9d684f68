package dev.postern.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Closes an HTTP/1.1 connection that has had no call for too long, whichever lane its calls take. */
final class IdleClients extends ChannelInboundHandlerAdapter {
    private final OpenCalls calls;
    private final long limit;
    private @Nullable Future<?> check;

    IdleClients(OpenCalls calls, Duration limit) {
        this.calls = calls;
        this.limit = limit.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        schedule(context, limit);
    }

    private void schedule(ChannelHandlerContext context, long delay) {
        check = context.executor().schedule(() -> look(context), delay, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext context) {
        long idle = calls.idleFor(System.nanoTime());
        if (idle >= limit) {
            var _ = context.close();
        } else {
            schedule(context, limit - idle);
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
