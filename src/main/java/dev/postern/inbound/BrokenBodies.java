package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;

/**
 * Turns a body that cannot be decoded to its end into an error for whoever reads it. The server would answer the client by
 * itself, and let the reader take for whole what has arrived.
 */
@ChannelHandler.Sharable
final class BrokenBodies extends ChannelInboundHandlerAdapter {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HttpContent content) || message instanceof HttpMessage
                || !content.decoderResult().isFailure()) {
            context.fireChannelRead(message);
            return;
        }
        content.release();
        BrokenBody broken = new BrokenBody();
        context.fireChannelRead(broken);
        if (broken.isLost()) {
            context.close();
        }
    }
}
