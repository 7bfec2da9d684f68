package dev.postern.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;

/**
 * The part of a {@link ResponseGuard} that sees requests, in front of the HTTP codec, which encodes them. A request
 * that the connection cannot carry is refused here, before anything of it is sent.
 */
final class RequestWatch extends ChannelOutboundHandlerAdapter {
    private final ResponseGuard guard;

    RequestWatch(ResponseGuard guard) {
        this.guard = guard;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpRequest request && !guard.begin(context.channel(), request.method(),
                request.headers().contains(HttpHeaderNames.UPGRADE))) {
            ReferenceCountUtil.release(message);
            Throwable failure = guard.failure();
            var _ = promise.setFailure(failure == null ? new ClosedChannelException() : failure);
            var _ = context.close();
            return;
        }
        boolean last = message instanceof LastHttpContent;
        var _ = context.write(message, promise);
        if (last) {
            guard.requestSent();
        }
    }
}
