package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.LastHttpContent;
import reactor.netty.channel.ChannelOperations;

/**
 * Resumes reading a connection after a request that was answered before its end was passed on. If that request had
 * been queued behind another one, the server does not resume by itself, and the connection would hang forever.
 */
@ChannelHandler.Sharable
final class ReadAfterEarlyAnswer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean end = message instanceof LastHttpContent;
        context.fireChannelRead(message);
        if (end && ChannelOperations.get(context.channel()) == null) {
            context.read();
        }
    }
}
