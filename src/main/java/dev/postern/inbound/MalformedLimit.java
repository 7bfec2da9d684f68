package dev.postern.inbound;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/2 connection with too many malformed requests. The codec has the same limit for streams that are
 * reset, but these requests are answered instead of being reset, so that limit does not apply to them.
 */
final class MalformedLimit extends ChannelInboundHandlerAdapter {
    static final int MAX_PER_WINDOW = 200;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);

    private @Nullable ChannelHandlerContext context;
    private long windowStart = System.nanoTime();
    private int counted;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    void count() {
        long now = System.nanoTime();
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            counted = 0;
        }
        counted++;
        ChannelHandlerContext here = context;
        if (counted > MAX_PER_WINDOW && here != null) {
            ChannelHandlerContext codec = here.pipeline().context(Http2FrameCodec.class);
            if (codec != null && codec.handler() instanceof Http2FrameCodec http2) {
                http2.onError(codec, true, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM,
                        "too many malformed requests"));
            }
        }
    }
}
