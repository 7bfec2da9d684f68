package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import reactor.netty.channel.ChannelOperations;

/**
 * Counts malformed requests of an HTTP/2 connection where its streams come together: those that are refused, and those that
 * the codec resets, for a wrong length for example. If nobody has to do with the stream yet, the reset is left to the codec;
 * the server would reset it as if the client had given it up, which no limit counts.
 */
@ChannelHandler.Sharable
final class MalformedStreams extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof RefusedRequest) {
            count(context);
        }
        context.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("deprecation")
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean broken = cause instanceof Http2Exception;
        if (broken) {
            count(context);
        }
        if (!broken || ChannelOperations.get(context.channel()) != null) {
            context.fireExceptionCaught(cause);
        }
    }

    private static void count(ChannelHandlerContext context) {
        MalformedLimit limit = context.channel().parent().pipeline().get(MalformedLimit.class);
        if (limit != null) {
            limit.count();
        }
    }
}
