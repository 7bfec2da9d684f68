package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import reactor.netty.channel.ChannelOperations;

/**
 * Counts the malformed requests of an HTTP/2 connection, across its streams: those that the gate refuses, and those
 * that the codec resets, for example because of a wrong length. If no handler is using the stream yet, the codec does
 * the reset; the server would reset it as if the client had cancelled it, and no limit counts that.
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
