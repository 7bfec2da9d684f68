package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;

/**
 * The guard in front of an HTTP codec: passes on the bytes of responses, for the codec to decode. {@link RequestWatch}
 * tells it about the requests.
 */
public final class ResponseGuard extends ConnectionGuard {
    private static final AttributeKey<ResponseGuard> GUARD = AttributeKey.valueOf(ResponseGuard.class, "guard");

    /** The last bytes of a response, held until it is known whether more follow. */
    private @Nullable ByteBuf end;

    private ResponseGuard(ResponseLimits limits, DiscardListener discards, UnreadBytes unread) {
        super(limits, discards, unread);
    }

    /** Returns the client with a guard on each connection that it opens. */
    public static HttpClient guard(HttpClient client, ResponseLimits limits, DiscardListener discards) {
        return client.doOnChannelInit((_, channel, _) -> install(channel, limits, discards));
    }

    private static void install(Channel channel, ResponseLimits limits, DiscardListener discards) {
        ChannelPipeline pipeline = channel.pipeline();
        UnreadBytes unread = new UnreadBytes(pipeline.get(SslHandler.class) != null);
        ResponseGuard guard = new ResponseGuard(limits, discards, unread);
        pipeline.addFirst("postern.unreadBytes", unread);
        pipeline.addBefore(NettyPipeline.HttpCodec, "postern.responseGuard", guard);
        pipeline.addAfter(NettyPipeline.HttpCodec, "postern.requestWatch", new RequestWatch(guard));
        channel.attr(GUARD).set(guard);
    }

    /** The guard of a connection; null when it has none. */
    public static @Nullable ResponseGuard of(Channel channel) {
        return channel.attr(GUARD).get();
    }

    /** Whether the connection may carry another request. */
    public static boolean isReusable(Channel channel) {
        ResponseGuard guard = of(channel);
        return guard != null && guard.isReusable();
    }

    @Override
    boolean take(ChannelHandlerContext context, ResponseReader from, ByteBuf in) throws BadResponseException {
        ByteBuf response = from.read(in);
        if (from.state() == ResponseReader.State.IDLE) {
            end = response;
            return false;
        }
        if (!response.isReadable()) {
            response.release();
            return false;
        }
        context.fireChannelRead(response);
        return true;
    }

    @Override
    void passEnd(ChannelHandlerContext context) {
        ByteBuf last = end;
        end = null;
        if (last != null) {
            context.fireChannelRead(last);
        }
    }

    @Override
    void passFailure(ChannelHandlerContext context, Throwable cause) {
        context.fireExceptionCaught(cause);
    }

    @Override
    void release() {
        super.release();
        if (end != null) {
            end.release();
            end = null;
        }
    }
}
