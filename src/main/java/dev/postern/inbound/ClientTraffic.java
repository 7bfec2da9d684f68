package dev.postern.inbound;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/** Counts the connections of clients and their bytes. It is the first handler, so TLS is counted as encrypted. */
@Sharable
public final class ClientTraffic extends ChannelDuplexHandler {
    private final LongAdder open = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    @Override
    public void channelActive(ChannelHandlerContext context) {
        open.increment();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        open.decrement();
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            received.add(bytes.readableBytes());
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            sent.add(bytes.readableBytes());
        }
        var _ = context.write(message, promise);
    }

    /** Connections that are open. */
    public long open() {
        return open.sum();
    }

    /** Bytes that were received since the start. */
    public long received() {
        return received.sum();
    }

    /** Bytes that were written since the start, even if their connection was lost before they left. */
    public long sent() {
        return sent.sum();
    }
}
