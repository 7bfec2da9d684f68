package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Counts malformed requests of an HTTP/2 connection where its streams come together. */
@ChannelHandler.Sharable
final class MalformedStreams extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof RefusedRequest) {
            MalformedLimit limit = context.channel().parent().pipeline().get(MalformedLimit.class);
            if (limit != null) {
                limit.count();
            }
        }
        context.fireChannelRead(message);
    }
}
