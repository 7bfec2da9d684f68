package dev.postern.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/** The guard of a connection without an HTTP codec: gives the heads and the data of responses to a listener. */
public final class ResponseDecoder extends ConnectionGuard {
    private @Nullable ResponseListener listener;

    private ResponseDecoder(ResponseLimits limits, DiscardListener discards, UnreadBytes unread) {
        super(limits, discards, unread);
    }

    /**
     * Adds a decoder to a connection.
     *
     * @param secure whether the connection uses TLS; its handler must be in the pipeline
     */
    public static ResponseDecoder install(ChannelPipeline pipeline, boolean secure, ResponseLimits limits,
            DiscardListener discards) {
        UnreadBytes unread = new UnreadBytes(secure);
        ResponseDecoder decoder = new ResponseDecoder(limits, discards, unread);
        pipeline.addFirst("postern.unreadBytes", unread);
        pipeline.addLast("postern.responseDecoder", decoder);
        return decoder;
    }

    /** Sets the listener for the response to the next request. To be called before each request. */
    public void listen(ResponseListener next) {
        listener = next;
    }

    @Override
    boolean take(ChannelHandlerContext context, ResponseReader from, ByteBuf in) throws BadResponseException {
        ResponseListener receiver = listener;
        if (receiver == null) {
            throw new BadResponseException("it came without a request");
        }
        int before = in.readableBytes();
        from.read(in, receiver);
        return in.readableBytes() < before;
    }

    @Override
    void passEnd(ChannelHandlerContext context) {
        ResponseListener receiver = listener;
        listener = null;
        if (receiver != null) {
            receiver.ended();
        }
    }

    @Override
    void passPause() {
        ResponseListener receiver = listener;
        if (receiver != null) {
            receiver.pause();
        }
    }

    @Override
    void passWritable(boolean isWritable) {
        ResponseListener receiver = listener;
        if (receiver != null) {
            receiver.writable(isWritable);
        }
    }

    @Override
    void passFailure(ChannelHandlerContext context, Throwable cause) {
        failed(cause);
    }

    private void failed(Throwable cause) {
        ResponseListener receiver = listener;
        listener = null;
        if (receiver != null) {
            receiver.failed(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        super.channelInactive(context);
        ResponseListener receiver = listener;
        listener = null;
        if (receiver != null) {
            receiver.closed();
        }
    }

    @Override
    @SuppressWarnings("deprecation")
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause);
        Channel connection = context.channel();
        var _ = connection.close();
    }
}
