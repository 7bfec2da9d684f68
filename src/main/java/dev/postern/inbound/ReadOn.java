package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import reactor.netty.channel.ChannelOperations;

/**
 * Goes on reading a connection after a request that was answered before its end was handed on. The server does not, if the
 * request had been waiting for the one before it, and the connection would stand still for ever.
 */
@ChannelHandler.Sharable
final class ReadOn extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean end = message instanceof LastHttpContent;
        context.fireChannelRead(message);
        if (end && ChannelOperations.get(context.channel()) == null) {
            context.read();
        }
    }
}
