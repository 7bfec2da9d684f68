package dev.postern.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;

/** Counts requests as they are read, before they wait for their turn. */
final class CallCounter extends ChannelInboundHandlerAdapter {
    private final OpenCalls calls;

    CallCounter(OpenCalls calls) {
        this.calls = calls;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            calls.opened();
        }
        context.fireChannelRead(message);
    }
}
