package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;

/**
 * Turns a body that cannot be decoded to its end into an error for its reader. Without this the server would answer the
 * client itself, and the reader would mistake the part that has arrived for the whole body.
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
