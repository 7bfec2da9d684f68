package dev.postern.wire;

import dev.postern.wire.ResponseReader.State;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a backend sends on one connection, so that each response reaches its own request and no other. A
 * connection may carry another request only if the last request was sent completely, its response ended exactly where
 * its framing says, and nothing has arrived since. Anything that is not an HTTP/1.1 response fails the request and
 * closes the connection. Subclasses pass the responses on.
 */
public abstract class ConnectionGuard extends ChannelDuplexHandler {
    private final ResponseReader reader;
    private final ResponseClock clock;
    private final DiscardListener discards;
    private final UnreadBytes unread;
    private int requests;
    private boolean requestSent = true;
    private boolean spent;
    private @Nullable Throwable failure;
    /** Whether a response has ended, and it is not known yet whether more bytes follow. */
    private boolean ended;

    ConnectionGuard(ResponseLimits limits, DiscardListener discards, UnreadBytes unread) {
        this.reader = new ResponseReader(limits.maxHead());
        this.clock = new ResponseClock(limits);
        this.discards = discards;
        this.unread = unread;
    }

    /**
     * Takes the bytes of the response out of the buffer, and passes on what may be passed on before it is known whether
     * more bytes follow the response.
     *
     * @param in remains owned by the caller
     * @return whether anything was passed on
     */
    abstract boolean take(ChannelHandlerContext context, ResponseReader from, ByteBuf in) throws BadResponseException;

    /** Passes on the end of a response. The connection may be free for the next request. */
    abstract void passEnd(ChannelHandlerContext context);

    /** All bytes that have arrived were passed on, and the response has not ended. */
    void passPause() {}

    /** The connection can take more of the request, or can take no more for now. */
    void passWritable(boolean isWritable) {}

    /** The connection has failed, and will be closed. */
    abstract void passFailure(ChannelHandlerContext context, Throwable cause);

    /** Whether the connection may carry another request. */
    public final boolean isReusable() {
        return !spent && reader.state() == State.IDLE && reader.isLasting();
    }

    /** How many requests the connection has carried, including the current one. */
    public final int requests() {
        return requests;
    }

    /** Whether any byte of a response has arrived for the current request, or for the last one. */
    public final boolean hasResponse() {
        return reader.hasBegun();
    }

    /** The failure of the connection; null if there was none. */
    public final @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
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
        if (ended) {
            discard(context.channel(), DiscardReason.BYTES_AFTER_RESPONSE);
            return;
        }
        if (reader.state() == State.IDLE) {
            readUnasked(context);
            return;
        }
        boolean passed;
        try {
            passed = take(context, reader, in);
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
            ended = true;
        } else if (!passed) {
            context.read();
        }
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext context) {
        if (ended) {
            checkEnd(context);
        } else {
            passPause();
        }
        context.fireChannelReadComplete();
    }

    private void checkEnd(ChannelHandlerContext context) {
        if (!ended) {
            return;
        }
        ended = false;
        if (!spent && (!requestSent || context.channel().unsafe().outboundBuffer().size() > 0)) {
            discard(context.channel(), DiscardReason.REQUEST_NOT_SENT);
        }
        if (!spent && unread.mayBeLeft(context.channel())) {
            discard(context.channel(), DiscardReason.BYTES_UNREAD);
        }
        passEnd(context);
    }

    private void readUnasked(ChannelHandlerContext context) {
        if (requests == 0) {
            // The request for which this connection was opened is on its way; its failure should say what is wrong with
            // the server.
            spent = true;
            failure = new BadResponseException("it sent data before the first request");
        } else {
            discard(context.channel(), DiscardReason.BYTES_WHILE_IDLE);
            var _ = context.close();
        }
    }

    /**
     * To be called before a request is written.
     *
     * @return false if the connection cannot carry it; {@link #failure} may say why
     */
    public final boolean begin(Channel channel, HttpMethod method, boolean asksForUpgrade) {
        if (!spent && requests > 0 && unread.haveArrived(channel)) {
            discard(channel, DiscardReason.BYTES_UNREAD);
        }
        if (spent || reader.state() != State.IDLE) {
            return false;
        }
        requests++;
        requestSent = false;
        reader.begin(method, asksForUpgrade);
        clock.requested();
        return true;
    }

    /** To be called when the last part of a request was written. */
    public final void requestSent() {
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
        passFailure(context, cause);
        var _ = context.close();
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext context) {
        clock.start(context.channel(), late -> fail(context, late));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        clock.writable(context.channel().isWritable());
        passWritable(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        checkEnd(context);
        release();
        context.fireChannelInactive();
    }

    @Override
    public final void handlerRemoved(ChannelHandlerContext context) {
        release();
    }

    void release() {
        clock.stop();
        reader.close();
        ended = false;
    }
}
