package dev.postern.proxy;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;

/**
 * Lets a request with a body stay HTTP/1.1, whatever else it offers. To change the protocol its body would have to be held
 * whole, and the server refuses that: some HTTP clients offer HTTP/2 with everything that they send.
 */
@ChannelHandler.Sharable
final class UpgradeGuard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request && request.headers().contains(HttpHeaderNames.UPGRADE)
                && hasBody(request)
                && !request.headers().contains(HttpHeaderNames.UPGRADE, "websocket", true)) {
            request.headers().remove(HttpHeaderNames.UPGRADE);
            request.headers().remove("HTTP2-Settings");
        }
        context.fireChannelRead(message);
    }

    private static boolean hasBody(HttpRequest request) {
        return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    }
}
