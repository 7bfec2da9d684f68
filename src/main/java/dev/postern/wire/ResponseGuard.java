package dev.postern.wire;

import dev.postern.wire.ResponseReader.State;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;

/**
 * Checks what a backend sends, in front of the HTTP codec, so that each response reaches its own request and no other.
 * A connection may carry another request only if the last request was sent completely, its response ended exactly where
 * its framing says, and nothing has arrived since. Anything that is not an HTTP/1.1 response fails the request and
 * closes the connection. {@link RequestWatch} tells the guard about the requests.
 */
public final class ResponseGuard extends ChannelDuplexHandler {
    private static final AttributeKey<ResponseGuard> GUARD = AttributeKey.valueOf(ResponseGuard.class, "guard");

    private final ResponseReader reader;
    private final ResponseClock clock;
    private final DiscardListener discards;
    private final UnreadBytes unread;
    private int requests;
    private boolean requestSent = true;
    private boolean spent;
    private @Nullable Throwable failure;
    /** The last bytes of a response, held until it is known whether more follow. */
    private @Nullable ByteBuf end;

    private ResponseGuard(ResponseLimits limits, DiscardListener discards, UnreadBytes unread) {
        this.reader = new ResponseReader(limits.maxHead());
        this.clock = new ResponseClock(limits);
        this.discards = discards;
        this.unread = unread;
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
        return guard != null && !guard.spent && guard.reader.state() == State.IDLE;
    }

    /** How many requests the connection has carried, including the current one. */
    public int requests() {
        return requests;
    }

    /** Whether any response has arrived for the current request, or for the last one. */
    public boolean hasResponse() {
        return reader.hasBegun();
    }

    /** The failure of the connection; null if there was none. */
    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf in)) {
            context.fireChannelRead(message);
            return;
        }
        try {
            read(context, in);
        } finally {
            in.release();
        }
    }

    private void read(ChannelHandlerContext context, ByteBuf in) {
        if (spent) {
            return;
        }
        if (end != null) {
            discard(context.channel(), DiscardReason.BYTES_AFTER_RESPONSE);
            return;
        }
        if (reader.state() == State.IDLE) {
            readUnasked(context);
            return;
        }
        ByteBuf response;
        try {
            response = reader.read(in);
        } catch (BadResponseException bad) {
            fail(context, bad);
            return;
        }
        clock.arrived(reader.state());
        if (reader.state() == State.IDLE) {
            if (in.isReadable()) {
                discard(context.channel(), DiscardReason.BYTES_AFTER_RESPONSE);
            }
            // Passing on the end frees the connection for the next call at once, so first check whether there is more
            // to read.
            end = response;
        } else if (response.isReadable()) {
            context.fireChannelRead(response);
        } else {
            response.release();
            context.read();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        passEnd(context);
        context.fireChannelReadComplete();
    }

    private void passEnd(ChannelHandlerContext context) {
        ByteBuf last = end;
        if (last == null) {
            return;
        }
        end = null;
        if (!spent && (!requestSent || context.channel().unsafe().outboundBuffer().size() > 0)) {
            discard(context.channel(), DiscardReason.REQUEST_NOT_SENT);
        }
        if (!spent && unread.mayBeLeft(context.channel())) {
            discard(context.channel(), DiscardReason.BYTES_UNREAD);
        }
        context.fireChannelRead(last);
    }

    private void readUnasked(ChannelHandlerContext context) {
        if (requests == 0) {
            // The request for which this connection was opened is on its way; it should fail with what is wrong with
            // the server.
            spent = true;
            failure = new BadResponseException("it sent data before the first request");
        } else {
            discard(context.channel(), DiscardReason.BYTES_WHILE_IDLE);
            var _ = context.close();
        }
    }

    /** Called before a request is written. False if the connection cannot carry it; {@link #failure} may say why. */
    boolean begin(Channel channel, HttpRequest request) {
        if (!spent && requests > 0 && unread.haveArrived(channel)) {
            discard(channel, DiscardReason.BYTES_UNREAD);
        }
        if (spent || reader.state() != State.IDLE) {
            return false;
        }
        requests++;
        requestSent = false;
        reader.begin(request.method(), request.headers().contains(HttpHeaderNames.UPGRADE));
        clock.requested();
        return true;
    }

    /** Called when the last part of a request was written. */
    void requestSent() {
        requestSent = true;
        clock.sent(reader.state());
    }

    private void discard(Channel channel, DiscardReason why) {
        spent = true;
        discards.discarded(channel, why);
    }

    private void fail(ChannelHandlerContext context, Throwable cause) {
        spent = true;
        failure = cause;
        context.fireExceptionCaught(cause);
        var _ = context.close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        clock.start(context.channel(), failure -> fail(context, failure));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        clock.writable(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        passEnd(context);
        release();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        release();
    }

    private void release() {
        clock.stop();
        reader.close();
        if (end != null) {
            end.release();
            end = null;
        }
    }
}
