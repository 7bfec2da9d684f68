package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Refuses HTTP/2 requests that cannot be translated to HTTP/1.1, such as one whose {@code host} differs from its
 * {@code :authority}. The server would reset their streams without a response, as if the client had cancelled them.
 */
@ChannelHandler.Sharable
final class UntranslatableStreams extends ChannelInboundHandlerAdapter {
    @Override
    @SuppressWarnings("deprecation")
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            context.fireExceptionCaught(cause);
            return;
        }
        context.fireChannelRead(RefusedRequest.of(
                new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
                Refusal.malformed("The fields of the request contradict each other.")));
        context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
}
